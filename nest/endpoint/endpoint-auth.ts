import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Credentials, type Registry } from '../../lib/index.js';
import type { EndpointAuth, PrometheusModuleSettings } from '../module-options.js';
import { InjectRegistry, OPTIONS } from '../tokens.js';

/** A request or response of Express, or of Fastify, which wraps Node's own. */
export type Raw<T> = T | { readonly raw: T };

/** Returns Node's own request or response. */
export function rawOf<T extends object>(message: Raw<T>): T {
  return 'raw' in message ? message.raw : message;
}

/** Returns Node's own response, and keeps Fastify from sending another one. */
export function takeOver(response: Raw<ServerResponse>): ServerResponse {
  if ('hijack' in response && typeof response.hijack === 'function') response.hijack();
  return rawOf(response);
}

/** Refuses a client outside of Nest's pipeline, where no exception filter answers. */
export function refuse(response: ServerResponse, challenge: string | undefined): void {
  const headers = challenge === undefined ? {} : { 'www-authenticate': challenge };
  response.writeHead(challenge === undefined ? 403 : 401, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end('Credentials required.\n');
}

/** Throws ConfigError for an `auth` that is neither credentials nor a function of the request. */
export function checkEndpointAuth(auth: unknown): void {
  if (auth === undefined || typeof auth === 'function') return;
  Credentials.check(auth, 'PrometheusModule', 'a function of the request');
}

/** Decides who may scrape the endpoint. */
@Injectable()
export class ScrapeAuthorizer {
  private readonly auth: EndpointAuth | undefined;
  private readonly credentials: Credentials | undefined;

  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(OPTIONS) { auth }: PrometheusModuleSettings,
  ) {
    this.auth = auth;
    if (typeof auth === 'object') this.credentials = new Credentials(auth);
  }

  /** The `WWW-Authenticate` header for refused clients, or undefined. */
  get challenge(): string | undefined {
    return this.credentials?.challenge;
  }

  /** Whether a request may scrape. Never rejects. */
  async authorizes(request: IncomingMessage): Promise<boolean> {
    if (this.auth === undefined) return true;
    if (typeof this.auth !== 'function') return this.credentials?.admit(request.headers.authorization) === true;
    try {
      return (await this.auth(request)) === true;
    } catch (error) {
      this.registry.faults.instrumentation('the option auth of PrometheusModule', error);
      return false;
    }
  }
}

/** Answers 401 to scrapers without the credentials of the option `auth`, and 403 if its function refuses them. */
@Injectable()
export class EndpointAuthGuard implements CanActivate {
  constructor(
    @Inject(ScrapeAuthorizer) private readonly authorizer: ScrapeAuthorizer,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    if (await this.authorizer.authorizes(rawOf(http.getRequest<Raw<IncomingMessage>>()))) return true;
    const { challenge } = this.authorizer;
    if (challenge === undefined) throw new ForbiddenException();
    this.host.httpAdapter.setHeader(http.getResponse(), 'www-authenticate', challenge);
    throw new UnauthorizedException();
  }
}
