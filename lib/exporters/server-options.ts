import type { ServerAuth } from './auth/server-auth.js';
import type { ServerMethod } from './methods.js';
import type { MetricsHandlerOptions } from './metrics-handler.js';
import type { PageSource } from './page-source.js';
import type { ServerTls, TlsSettings } from './tls/server-tls.js';

/** What a metrics server can be told. */
export interface HttpServerOptions extends MetricsHandlerOptions {
  /** From 0, which picks a free port, to 65535. Default: 8000. */
  readonly port?: number;
  /** The address or name to listen on, such as `127.0.0.1`. Default: every address of the machine. */
  readonly host?: string;
  /** Whose page is served. Default: the default registry, `register`. */
  readonly registry?: PageSource;
  /**
   * Whether the server has a thread of its own, so that scrapes are answered whatever this one does. It takes some
   * 80 ms to start and 12 MB. Default: true.
   */
  readonly thread?: boolean;
  /**
   * Milliseconds after which this thread counts as stalled where it does not answer the server's, which then serves
   * what is known. Default: 250.
   */
  readonly mainThreadTimeoutMs?: number;
  /** Where the page is. Default: `/metrics`. */
  readonly path?: string;
  /** Has the server speak HTTPS, and ask its clients for certificates where there is a `ca`. Default: plain HTTP. */
  readonly tls?: ServerTls;
  /**
   * Who is answered, by a token or by name and password; others get 401, whatever they ask for. Without `tls` whoever
   * listens in can read them. Default: everybody.
   */
  readonly auth?: ServerAuth;
  /**
   * Which requests are answered, one or more of GET, HEAD and OPTIONS; others get 405. OPTIONS is answered with a list of
   * these methods. Default: GET and HEAD.
   */
  readonly methods?: readonly ServerMethod[];
  /**
   * Whether the process lives on for the server's sake when it has nothing else to do. Set it in a program that only
   * exports. Default: false, so that a job ends when its work is done; a scrape under way is finished in any case
   * by a server in this thread, and cut off by one in its own.
   */
  readonly keepProcessAlive?: boolean;
  /** The most connections, 1 or more; beyond, the one idle for the longest time is closed. Default: 1000. */
  readonly maxConnections?: number;
  /**
   * Milliseconds that a client may take to send a request before its connection is closed, and as many before that for
   * the handshake of TLS. Default: 10 000.
   */
  readonly requestTimeoutMs?: number;
  /** The most bytes of a request's line and headers together; more is answered 431. Default: 16 384. */
  readonly maxHeaderBytes?: number;
}

/** Those without a default. */
type Optional = 'host' | 'auth' | keyof MetricsHandlerOptions;

/** The options with their defaults. */
export type ServerSettings = Required<Omit<HttpServerOptions, Optional | 'tls'>> &
  Pick<HttpServerOptions, Optional> & { readonly tls: TlsSettings | undefined };
