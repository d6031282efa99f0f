import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { metricsHandler, type Registry } from '../../lib/index.js';
import { InjectRegistry } from '../tokens.js';
import { ScrapeAuthorizer } from './endpoint-auth.js';
import { type Raw, rawOf } from './metrics.controller.js';

/** Answers scrapes before Nest's routing sees them: no guard, interceptor, pipe or filter of the app takes part. */
@Injectable()
export class OutsideEndpoint {
  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(ScrapeAuthorizer) private readonly gatekeeper: ScrapeAuthorizer,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  /** Puts the endpoint at a path of the app's server, ahead of the app's own routes. */
  open(path: string): void {
    const answer = metricsHandler(this.registry);
    this.host.httpAdapter.get(path, async (request: Raw<IncomingMessage>, response: Raw<ServerResponse>) => {
      if ('hijack' in response && typeof response.hijack === 'function') response.hijack();
      if (await this.gatekeeper.authorizes(rawOf(request))) await answer(rawOf(request), rawOf(response));
      else refuse(rawOf(response), this.gatekeeper.challenge);
    });
  }
}

function refuse(response: ServerResponse, challenge: string | undefined): void {
  const headers = challenge === undefined ? {} : { 'www-authenticate': challenge };
  response.writeHead(challenge === undefined ? 403 : 401, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end('The metrics are not for everybody.\n');
}
