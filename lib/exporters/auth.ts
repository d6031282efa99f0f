import { ConfigError } from '../model/errors.js';
import { builtin } from '../model/load-at-runtime.js';
import { checkOptions, isOptionsObject, rule } from '../model/options.js';

/** The clients that may scrape. */
export type ServerAuth =
  /** Clients that send this token: `Authorization: Bearer …`. Several while tokens are being rotated. */
  | { readonly bearer: string | readonly string[] }
  /** Clients that send this name and password. */
  | { readonly basic: BasicAuth };

interface BasicAuth {
  readonly username: string;
  readonly password: string;
}

/** The properties of the option, exactly one of which must be present. */
interface AuthParts {
  readonly bearer?: unknown;
  readonly basic?: unknown;
}

/** Characters that pass through a header unchanged: ASCII without leading or trailing spaces. */
const TOKEN = /^[!-~](?:[ -~]*[!-~])?$/;

/** Control characters, such as the line break at the end of a file, which no client sends (RFC 7617, section 2). */
const CONTROL = /\p{Cc}/u;

/**
 * Returns whether a value is a valid `auth` option: either `bearer` or `basic`, without empty parts. An empty secret
 * is usually an environment variable that is not set, and would let everyone in.
 *
 * @example
 * isServerAuth({ bearer: process.env.SCRAPE_TOKEN ?? '' }); // false without the variable
 */
export function isServerAuth(value: unknown): value is ServerAuth {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return false;
  const { bearer, basic } = value as AuthParts;
  if (bearer !== undefined) {
    const tokens: readonly unknown[] = Array.isArray(bearer) ? bearer : [bearer];
    return tokens.length > 0 && tokens.every((token) => typeof token === 'string' && TOKEN.test(token));
  }
  const { username, password } = (basic ?? {}) as { readonly username?: unknown; readonly password?: unknown };
  // The user name ends at the first colon.
  return isCredential(username) && !username.includes(':') && isCredential(password);
}

/**
 * Validates the option and returns a copy that can be posted to another thread. Throws ConfigError, whose message never
 * contains the secret.
 *
 * @param subject What the option belongs to, for the beginning of the message. Default: nothing.
 * @param alternative What else the caller accepts, for the message, such as `a function`. Default: nothing.
 */
export function checkServerAuth(auth: unknown, subject = '', alternative = ''): ServerAuth {
  if (isOptionsObject(auth)) {
    const option = subject === '' ? 'auth' : `${subject}, option auth`;
    checkOptions<AuthParts>(option, auth, { bearer: rule.any, basic: rule.any });
    const { basic } = auth as AuthParts;
    if (isOptionsObject(basic)) {
      checkOptions<BasicAuth>(`${option}.basic`, basic, { username: rule.any, password: rule.any });
    }
  }
  if (!isServerAuth(auth)) {
    throw new ConfigError(
      `${subject === '' ? 'Option' : `${subject}: option`} auth must be { bearer: 'a token' }, a list of tokens, or ` +
        `{ basic: { username, password } }${alternative && `, or ${alternative}`}. ` +
        'No part may be empty (is an environment variable missing?) or contain a line break (was it read from a file?); ' +
        'tokens must be ASCII, and a user name must not contain a colon.',
    );
  }
  if ('bearer' in auth) return { bearer: [auth.bearer].flat() };
  const { username, password } = auth.basic;
  return { basic: { username, password } };
}

function isCredential(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !CONTROL.test(value);
}

/**
 * Checks the `Authorization` header of scrapes. `startHttpServer` does this for its option `auth`; use this class in a
 * server of your own. Only digests of the secrets are stored, and they are compared in constant time.
 *
 * @example
 * const [metrics, credentials] = [metricsHandler(), new Credentials({ bearer: token })];
 * http.createServer((request, response) => {
 *   if (credentials.admit(request.headers.authorization)) return metrics(request, response);
 *   response.writeHead(401, { 'WWW-Authenticate': credentials.challenge }).end();
 * });
 */
export class Credentials {
  /** The `WWW-Authenticate` header for rejected clients. */
  readonly challenge: string;
  readonly #digests: readonly Buffer[];

  /** Throws ConfigError for a secret that is empty or that no client could send. */
  constructor(options: ServerAuth) {
    const auth = checkServerAuth(options);
    this.challenge = `${'bearer' in auth ? 'Bearer' : 'Basic'} realm="metrics"`;
    this.#digests = expectedHeaders(auth).map(digest);
  }

  /** As `checkServerAuth`, for modules outside lib. @internal */
  static readonly check: typeof checkServerAuth = checkServerAuth;

  /** Returns the challenge for a client with this `Authorization` header, or undefined if it is admitted. @internal */
  challengeFor(authorization: string | undefined): string | undefined {
    return this.admit(authorization) ? undefined : this.challenge;
  }

  /** Returns whether a request with this `Authorization` header is admitted. */
  admit(authorization: string | undefined): boolean {
    // The scheme is case-insensitive (RFC 9110, section 11.1).
    const [scheme = '', ...rest] = (authorization ?? '').split(' ');
    const sent = digest(`${scheme.toLowerCase()} ${rest.join(' ').trim()}`);
    // Compares all of them, so that timing reveals nothing about the secret.
    return this.#digests.map((expected) => builtin('node:crypto').timingSafeEqual(expected, sent)).includes(true);
  }
}

function expectedHeaders(auth: ServerAuth): string[] {
  if ('bearer' in auth) return [auth.bearer].flat().map((token) => `bearer ${token}`);
  const { username, password } = auth.basic;
  return [`basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
}

function digest(text: string): Buffer {
  return builtin('node:crypto').createHash('sha256').update(text).digest();
}
