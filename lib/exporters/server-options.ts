import { ConfigError, show } from '../model/errors.js';
import { builtin } from '../model/load-at-runtime.js';
import { checkOptions, isOptionsObject, type OptionRules, rule } from '../model/options.js';
import { register } from '../processes/register.js';
import { checkServerAuth, type ServerAuth } from './auth.js';
import { handlerRules, type MetricsHandlerOptions, READ_METHODS } from './handler-options.js';
import { programTitle } from './live-document.js';
import { checkPageSource, type PageSource } from './page-source.js';
import { pathRule } from './scrape-request.js';
import { checkTls, type ServerTls, type TlsSettings } from './tls/server-tls.js';

/** A method that a metrics server can answer. */
export type ServerMethod = 'GET' | 'HEAD' | 'OPTIONS';

/** Options of `startHttpServer`. */
export interface HttpServerOptions extends Omit<MetricsHandlerOptions, 'page' | 'auth'> {
  /** From 0, which picks a free port, to 65535. Default: 8000. */
  readonly port?: number;
  /** The address or name to listen on, such as `127.0.0.1`. Default: all addresses of the machine. */
  readonly host?: string;
  /** The registry to serve. Default: `register`, the default registry. */
  readonly registry?: PageSource;
  /**
   * Whether the server runs in a separate thread, so that scrapes are answered while this one is busy. The thread takes
   * some 80 ms to start and 12 MB. Default: true.
   */
  readonly thread?: boolean;
  /**
   * Milliseconds after which this thread counts as stalled if it does not answer the server's thread, which then serves
   * the last known values. Default: 250.
   */
  readonly mainThreadTimeoutMs?: number;
  /** The path of the page. Default: `/metrics`. */
  readonly path?: string;
  /**
   * Whether browsers get the live page at `/`: charts of all families, with nothing to install. It requires the same
   * `auth`. Default: true.
   */
  readonly page?: boolean;
  /** Serves HTTPS and, with a `ca`, requires client certificates. Default: plain HTTP. */
  readonly tls?: ServerTls;
  /**
   * The clients that may scrape, by token or by name and password; all other requests get 401. Without `tls`, anyone on
   * the network path can read the secret. Default: all clients.
   */
  readonly auth?: ServerAuth;
  /**
   * The allowed methods, one or more of GET, HEAD and OPTIONS; others get 405. OPTIONS is answered with the list of
   * these methods. Default: GET and HEAD.
   */
  readonly methods?: readonly ServerMethod[];
  /**
   * Whether the server keeps the process alive when it has nothing else to do. Set it in a program that does nothing
   * else. Default: false, so that a job ends when its work is done. A scrape in progress is then finished by a server
   * in this thread, but cut off by one in a separate thread.
   */
  readonly keepProcessAlive?: boolean;
  /**
   * Maximum number of connections, 1 or more. Beyond it, the connection that has been idle longest is closed or, if
   * none is idle, the oldest one whose client does not read its response. Default: 1000.
   */
  readonly maxConnections?: number;
  /**
   * Milliseconds a client may take to send a request before its connection is closed, and the same again for the TLS
   * handshake before it. Default: 10 000.
   */
  readonly requestTimeoutMs?: number;
  /** Maximum size in bytes of a request's start line and headers; larger requests get 431. Default: 16 384. */
  readonly maxHeaderBytes?: number;
}

/** Options without a default. */
type Optional = 'host' | 'auth' | 'maxScrapes' | 'sendTimeoutMs';

/** Validated options, with defaults applied. */
export type ServerSettings = Required<Omit<HttpServerOptions, Optional | 'tls'>> &
  Pick<HttpServerOptions, Optional> & {
    readonly tls: TlsSettings | undefined;
    /** The program's name on the live page. */
    readonly title: string;
  };

const METHODS: readonly unknown[] = [...READ_METHODS, 'OPTIONS'];

const rules: OptionRules<HttpServerOptions> = {
  port: rule.wholeNumber(0, 65_535),
  host: {
    expected: 'an address or a name, such as "127.0.0.1"',
    accepts: (value) => typeof value === 'string' && value !== '',
  },
  registry: rule.any,
  path: pathRule,
  tls: rule.any,
  methods: {
    expected: `a list of one or more of ${METHODS.join(', ')}`,
    accepts: (value) => Array.isArray(value) && value.length > 0 && value.every((method) => METHODS.includes(method)),
  },
  thread: rule.boolean,
  mainThreadTimeoutMs: rule.milliseconds,
  keepProcessAlive: rule.boolean,
  maxConnections: rule.wholeNumber(1, 1_000_000),
  requestTimeoutMs: rule.milliseconds,
  maxHeaderBytes: rule.wholeNumber(512, 16 * 1024 * 1024),
  ...handlerRules,
  page: rule.boolean,
};

/** Checks a server's options and applies the defaults. Throws ConfigError. */
export function checkServerOptions(portOrOptions: number | HttpServerOptions): ServerSettings {
  const options = typeof portOrOptions === 'number' ? { port: portOrOptions } : portOrOptions;
  if (!isOptionsObject(options)) {
    throw new ConfigError(`startHttpServer expects a port or an options object, got ${show(portOrOptions)}.`);
  }
  checkOptions('startHttpServer', options, rules);
  const { registry = register, tls, auth, methods = READ_METHODS, host } = options;
  if (host !== undefined) checkHost(host);
  checkPageSource(registry);
  return {
    ...options,
    port: options.port ?? 8000,
    registry,
    thread: options.thread ?? true,
    mainThreadTimeoutMs: options.mainThreadTimeoutMs ?? 250,
    path: options.path ?? '/metrics',
    page: options.page ?? true,
    title: options.page === false ? '' : programTitle(),
    tls: tls === undefined ? undefined : checkTls(tls),
    auth: auth === undefined ? undefined : checkServerAuth(auth),
    methods: [...new Set(methods)],
    keepProcessAlive: options.keepProcessAlive ?? false,
    maxConnections: options.maxConnections ?? 1000,
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
    maxHeaderBytes: options.maxHeaderBytes ?? 16_384,
  };
}

/** Refuses more than a host, which would be looked up as a name and not be found. Throws ConfigError. */
function checkHost(host: string): void {
  if (builtin('node:net').isIPv6(host) || !/[\s:/[\]@?#]/.test(host)) return;
  throw new ConfigError(
    'startHttpServer: option host must be an address or a name alone, such as "127.0.0.1" or "::1", without scheme, port, ' +
      `path, brackets and white space, got ${show(host)}.`,
  );
}
