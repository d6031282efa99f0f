import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { Credentials, type Registry } from '../../lib/index.js';
import { InjectRegistry } from '../inject-registry.decorator.js';
import type { PrometheusModuleSettings } from '../options.js';
import { OPTIONS } from '../tokens.js';
import type { EndpointAuth } from './endpoint-auth.js';

/** Knows who may scrape the endpoint. */
@Injectable()
export class Gatekeeper {
  private readonly auth: EndpointAuth | undefined;
  private readonly credentials: Credentials | undefined;

  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(OPTIONS) { auth }: PrometheusModuleSettings,
  ) {
    this.auth = auth;
    if (typeof auth === 'object') this.credentials = new Credentials(auth);
  }

  /** What a client that is turned away is told to show (`WWW-Authenticate`); undefined where that is not known. */
  get challenge(): string | undefined {
    return this.credentials?.challenge;
  }

  /** Whether a request may have the page. Never rejects. */
  async admits(request: IncomingMessage): Promise<boolean> {
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
