import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { Registry } from '../../lib/index.js';
import { InjectRegistry } from '../inject-registry.decorator.js';
import type { PrometheusModuleSettings } from '../options.js';
import { OPTIONS } from '../tokens.js';
import type { EndpointAuth } from './endpoint-auth.js';

/** Knows who may scrape. */
@Injectable()
export class Gatekeeper {
  /** What a client that is turned away is told to show (`WWW-Authenticate`); undefined where that is not known. */
  readonly challenge: string | undefined;
  private readonly auth: EndpointAuth | undefined;
  private readonly digests: readonly Buffer[];

  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(OPTIONS) { auth }: PrometheusModuleSettings,
  ) {
    this.auth = auth;
    this.digests = expectedHeaders(auth).map(digest);
    if (typeof auth === 'object') this.challenge = `${'bearer' in auth ? 'Bearer' : 'Basic'} realm="metrics"`;
  }

  /** Whether a request may have the page. Never rejects. */
  async admits(request: IncomingMessage): Promise<boolean> {
    if (this.auth === undefined) return true;
    if (typeof this.auth !== 'function') return this.shows(request.headers.authorization ?? '');
    try {
      return (await this.auth(request)) === true;
    } catch (error) {
      this.registry.faults.instrumentation('the option auth of PrometheusModule', error);
      return false;
    }
  }

  private shows(header: string): boolean {
    // The scheme may be in any case (RFC 9110, section 11.1).
    const [scheme = '', ...rest] = header.split(' ');
    const shown = digest(`${scheme.toLowerCase()} ${rest.join(' ').trim()}`);
    // All are compared, in constant time: how long it takes says nothing about the secret.
    return this.digests.map((expected) => timingSafeEqual(expected, shown)).includes(true);
  }
}

function expectedHeaders(auth: EndpointAuth | undefined): string[] {
  if (typeof auth !== 'object') return [];
  if ('bearer' in auth) return [auth.bearer].flat().map((token) => `bearer ${token}`);
  const { username, password } = auth.basic;
  return [`basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
