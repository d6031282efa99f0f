import { createHash, timingSafeEqual } from 'node:crypto';
import { checkServerAuth, type ServerAuth } from './server-auth.js';

/**
 * Knows who may have the page, by what a request shows. `startHttpServer` has one for its option `auth`; make one for a
 * server of your own. It keeps digests of the secrets, and compares those in constant time.
 *
 * @example
 * const [metrics, credentials] = [metricsHandler(), new Credentials({ bearer: token })];
 * http.createServer((request, response) => {
 *   if (credentials.admit(request.headers.authorization)) return metrics(request, response);
 *   response.writeHead(401, { 'WWW-Authenticate': credentials.challenge }).end();
 * });
 */
export class Credentials {
  /** What a client that is turned away is told to show: a `WWW-Authenticate` header. */
  readonly challenge: string;
  private readonly digests: readonly Buffer[];

  /** Throws ConfigError where a secret is empty or nobody could show it. */
  constructor(given: ServerAuth) {
    const auth = checkServerAuth(given);
    this.challenge = `${'bearer' in auth ? 'Bearer' : 'Basic'} realm="metrics"`;
    this.digests = expectedHeaders(auth).map(digest);
  }

  /** Whether a request with this `Authorization` header may have the page. */
  admit(authorization: string | undefined): boolean {
    // The scheme may be in any case (RFC 9110, section 11.1).
    const [scheme = '', ...rest] = (authorization ?? '').split(' ');
    const shown = digest(`${scheme.toLowerCase()} ${rest.join(' ').trim()}`);
    // All are compared, in constant time: how long it takes says nothing about the secret.
    return this.digests.map((expected) => timingSafeEqual(expected, shown)).includes(true);
  }
}

function expectedHeaders(auth: ServerAuth): string[] {
  if ('bearer' in auth) return [auth.bearer].flat().map((token) => `bearer ${token}`);
  const { username, password } = auth.basic;
  return [`basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
