import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { ConfigError, show } from '../../model/errors.js';
import { builtin } from '../../model/load-at-runtime.js';
import { checkKnownOptions, isOptionsObject, LONGEST_MS, type OptionRules, rule } from '../../model/options.js';
import type { PushFormat } from './push-body.js';

/** How a gateway, or the proxy in front of it, authenticates pushes. */
export type PushAuth =
  /** `user:password`, as in Node's http module. */
  | string
  | { readonly username: string; readonly password: string }
  /** A bearer token, or a function that returns one. It is called before every request, so tokens may expire. */
  | { readonly token: string | (() => string | Promise<string>) };

/** Request options that a push sets itself. */
type SetByPush =
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
 * Options of a `Pushgateway`. Other options are passed to `https.request`, such as `agent`, `ca`, `cert`, `key`,
 * `rejectUnauthorized` or `socketPath`.
 */
export interface PushgatewayOptions extends Omit<RequestOptions, SetByPush> {
  /** Milliseconds that an attempt may take, from getting a token to the end of the response. Default: 10 000. */
  readonly timeout?: number;
  /**
   * How many times to retry a push, 0 or more, if the gateway cannot be reached, times out, or responds with 429 or
   * 5xx. A `Retry-After` of up to 30 s is honored; a push that would have to wait longer fails immediately. Default:
   * 3.
   */
  readonly retries?: number;
  /**
   * Milliseconds before the first retry. Doubled for each further one, up to 30 s, and randomly reduced by up to half.
   * Default: 250.
   */
  readonly retryDelayMs?: number;
  /** Whether to gzip pages, which Pushgateway supports since 1.5. Default: false. */
  readonly gzip?: boolean;
  /** Headers for every request. `Content-Encoding: gzip` implies `gzip: true`. Default: none. */
  readonly headers?: OutgoingHttpHeaders;
  /** Default, also for an empty string: the user and password of the URL, if any. */
  readonly auth?: PushAuth;
  /**
   * The format of the pages. Default: text 0.0.4. If the registry's content type is OpenMetrics, counters have their
   * OpenMetrics names in it, as with prom-client.
   */
  readonly format?: PushFormat;
  /** Whether to reject a push without a jobName. Default: true. */
  readonly requireJobName?: boolean;
}

/** Validated options, with defaults applied. */
export interface PushSettings {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly gzip: boolean;
  readonly headers: OutgoingHttpHeaders;
  readonly auth: PushAuth | undefined;
  readonly format: PushFormat | undefined;
  readonly requireJobName: boolean;
  /** Options of `https.request`. */
  readonly connection: RequestOptions;
}

type OwnOptions = Pick<
  PushgatewayOptions,
  'timeout' | 'retries' | 'retryDelayMs' | 'gzip' | 'headers' | 'auth' | 'format' | 'requireJobName'
>;

const rules: OptionRules<OwnOptions> = {
  timeout: rule.milliseconds,
  retries: rule.wholeNumber(0, 1000),
  retryDelayMs: rule.wholeNumber(0, LONGEST_MS),
  gzip: rule.boolean,
  headers: { ...rule.object, secret: true },
  auth: {
    expected: "'user:password', { username, password } with no colon in the name, or { token }",
    accepts: isPushAuth,
    secret: true,
  },
  format: rule.oneOf('text', 'protobuf'),
  requireJobName: rule.boolean,
};

/** Checks a gateway's options and applies the defaults. Throws ConfigError, whose message never contains a secret. */
export function checkPushOptions(config: PushgatewayOptions | null = {}): PushSettings {
  const options = config ?? {};
  checkKnownOptions('Pushgateway', options, rules);
  refuseOptionsOfPush(options);
  const { timeout, retries, retryDelayMs, gzip, headers, auth, format, requireJobName, ...rest } = options;
  return {
    timeoutMs: timeout ?? 10_000,
    retries: retries ?? 3,
    retryDelayMs: retryDelayMs ?? 250,
    gzip: gzip ?? asksForGzip(headers),
    headers: normalized(headers),
    auth,
    format,
    requireJobName: requireJobName ?? true,
    connection: { ...rest, agent: rest.agent ?? defaultAgent() },
  };
}

/** Options of a request that programs for prom-client may give to the constructor, where they would have no effect. */
function refuseOptionsOfPush(config: object): void {
  const options: RequestOptions = config;
  if (options.signal !== undefined) {
    throw new ConfigError('Pushgateway: option signal is one of push, pushAdd, delete and pushEvery. Pass it there.');
  }
  for (const part of ['protocol', 'host', 'hostname', 'port', 'path'] as const) {
    if (options[part] === undefined) continue;
    throw new ConfigError(`Pushgateway: option ${part} must be part of the URL instead, got ${show(options[part])}.`);
  }
}

function isPushAuth(auth: unknown): boolean {
  if (typeof auth === 'string') return true;
  if (!isOptionsObject(auth)) return false;
  const { username, password, token } = auth as Record<string, unknown>;
  if (typeof token === 'function' || (typeof token === 'string' && token !== '')) return true;
  // The user name ends at the first colon (RFC 7617, section 2).
  return typeof username === 'string' && typeof password === 'string' && !username.includes(':');
}

/** Returns the `Authorization` header for the option or, without it, the credentials of the URL. */
export async function authorizationOf(auth: PushAuth | undefined, credentials?: string): Promise<string | undefined> {
  if (typeof auth === 'object' && 'token' in auth) {
    const token: unknown = typeof auth.token === 'function' ? await auth.token() : auth.token;
    if (typeof token === 'string' && token !== '') return `Bearer ${token}`;
    const came = token === '' ? 'an empty one' : `a value of type ${token === null ? 'null' : typeof token}`;
    throw new ConfigError(`option auth.token must return a string with the token, got ${came}`);
  }
  const pair = typeof auth === 'object' ? `${auth.username}:${auth.password}` : auth || credentials;
  return pair === undefined ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`;
}

/**
 * No agent, so that each push opens a new connection: the gateway may just have closed one that was kept alive. But if
 * Node uses the environment's proxy (`NODE_USE_ENV_PROXY`), only its own agents know about it.
 */
function defaultAgent(): RequestOptions['agent'] {
  // Mocks of `node:http` may have none.
  const agent = builtin('node:http').globalAgent as { options?: { proxyEnv?: unknown } } | undefined;
  return agent?.options?.proxyEnv === undefined ? false : undefined;
}

/** Headers that describe the body; callers cannot set them. */
const OWN_HEADERS = new Set(['content-type', 'content-length', 'content-encoding', 'transfer-encoding']);

function normalized(headers: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(pairs.filter(([name, value]) => value !== undefined && !OWN_HEADERS.has(name)));
}

function asksForGzip(headers: OutgoingHttpHeaders = {}): boolean {
  return Object.entries(headers).some(
    ([name, value]) => name.toLowerCase() === 'content-encoding' && String(value).toLowerCase() === 'gzip',
  );
}
