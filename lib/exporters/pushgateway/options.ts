import { globalAgent, type OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { ConfigError, show } from '../../model/errors.js';
import { checkNumber, LONGEST_MS } from '../check-number.js';
import { checkAuth, type PushAuth } from './authorization.js';
import { checkFormat, type PushFormat } from './push-body.js';

/** What the options of a request are that a push decides by itself. */
type Decided =
  | 'auth'
  | 'headers'
  | 'host'
  | 'hostname'
  | 'method'
  | 'path'
  | 'port'
  | 'protocol'
  | 'signal'
  | 'timeout';

/**
 * What a Pushgateway can be told. Whatever else `https.request` takes is passed on to it, such as `agent`, `ca`, `cert`,
 * `key`, `rejectUnauthorized` or `socketPath`.
 */
export interface PushgatewayOptions extends Omit<RequestOptions, Decided> {
  /** Milliseconds that one attempt may take, from asking for a token to the end of the answer. Default: 10 000. */
  readonly timeout?: number;
  /**
   * How often a push is tried again, 0 or more, when the gateway cannot be reached, does not answer in time or answers
   * with a 5xx. Default: 3.
   */
  readonly retries?: number;
  /** Milliseconds before the first retry; doubled for each further one, up to 30 s, less up to half. Default: 250. */
  readonly retryDelayMs?: number;
  /** Whether pages are sent gzipped, which Pushgateway takes from 1.5 on. Default: false. */
  readonly gzip?: boolean;
  /** Sent with every request. A `Content-Encoding: gzip` means `gzip: true`. Default: none. */
  readonly headers?: OutgoingHttpHeaders;
  /** Default: the user and password of the URL, where it has them. */
  readonly auth?: PushAuth;
  /** The format of the pages. Default: `text`. */
  readonly format?: PushFormat;
  /** Whether a push without a jobName is refused. Default: true. */
  readonly requireJobName?: boolean;
}

/** The options with their defaults. */
export interface PushSettings {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly gzip: boolean;
  readonly headers: OutgoingHttpHeaders;
  readonly auth: PushAuth | undefined;
  readonly format: PushFormat;
  readonly requireJobName: boolean;
  /** For the connection. */
  readonly connection: RequestOptions;
}

/** Checks a gateway's options and puts the defaults in. Throws ConfigError. */
export function checkPushOptions(given: PushgatewayOptions | null = {}): PushSettings {
  if (typeof given !== 'object') {
    throw new ConfigError(`The options of a Pushgateway are an object, not ${show(given)}.`);
  }
  const { timeout, retries, retryDelayMs, gzip, headers, auth, format, requireJobName = true, ...rest } = given ?? {};
  checkAuth(auth);
  return {
    timeoutMs: checkNumber('timeout', timeout, 1, LONGEST_MS, 10_000),
    retries: checkNumber('retries', retries, 0, 1000, 3),
    retryDelayMs: checkNumber('retryDelayMs', retryDelayMs, 0, LONGEST_MS, 250),
    gzip: gzip ?? asksForGzip(headers),
    headers: lowerCased(headers),
    auth,
    format: checkFormat(format),
    requireJobName,
    connection: { ...rest, agent: rest.agent ?? standardAgent() },
  };
}

/**
 * A connection of its own for each push: one that was kept may have been closed by the other side just now. But where Node
 * is told to use the proxy that the environment names (`NODE_USE_ENV_PROXY`), only its own agents know of it.
 */
function standardAgent(): RequestOptions['agent'] {
  const { options } = globalAgent as { options?: { proxyEnv?: unknown } };
  return options?.proxyEnv === undefined ? false : undefined;
}

/** What describes the body is not for a caller to say. */
const OWN_HEADERS = new Set(['content-type', 'content-length', 'content-encoding', 'transfer-encoding']);

function lowerCased(headers: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(pairs.filter(([name, value]) => value !== undefined && !OWN_HEADERS.has(name)));
}

function asksForGzip(headers: OutgoingHttpHeaders = {}): boolean {
  return Object.entries(headers).some(
    ([name, value]) => name.toLowerCase() === 'content-encoding' && String(value).toLowerCase() === 'gzip',
  );
}
