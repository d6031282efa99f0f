import type { IncomingMessage } from 'node:http';
import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type Raw, rawOf } from '../endpoint/raw.js';
import { Gatekeeper } from './gatekeeper.service.js';

/** Answers 401 to scrapers that do not show what the option `auth` asks for, and 403 where a function of its says no. */
@Injectable()
export class EndpointAuthGuard implements CanActivate {
  constructor(
    @Inject(Gatekeeper) private readonly gatekeeper: Gatekeeper,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    if (await this.gatekeeper.admits(rawOf(http.getRequest<Raw<IncomingMessage>>()))) return true;
    const { challenge } = this.gatekeeper;
    if (challenge === undefined) throw new ForbiddenException();
    this.host.httpAdapter.setHeader(http.getResponse(), 'www-authenticate', challenge);
    throw new UnauthorizedException();
  }
}
