import { ConfigError, show } from '../model/errors.js';
import { register } from '../registry/default-registry.js';
import { checkServerAuth } from './auth/server-auth.js';
import { checkKnown } from './check-known.js';
import { checkNumber, LONGEST_MS } from './check-number.js';
import { checkMethods } from './methods.js';
import { checkPageSource } from './page-source.js';
import type { HttpServerOptions, ServerSettings } from './server-options.js';
import { checkTls } from './tls/check-tls.js';

const KNOWN: Readonly<Record<keyof HttpServerOptions, true>> = {
  port: true,
  host: true,
  registry: true,
  path: true,
  tls: true,
  auth: true,
  methods: true,
  thread: true,
  mainThreadTimeoutMs: true,
  keepProcessAlive: true,
  maxConnections: true,
  maxScrapes: true,
  requestTimeoutMs: true,
  sendTimeoutMs: true,
  maxHeaderBytes: true,
};

/** Checks a server's options and puts the defaults in. Throws ConfigError. */
export function checkServerOptions(given: number | HttpServerOptions): ServerSettings {
  const options = typeof given === 'number' ? { port: given } : given;
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError(`A metrics server is started with a port or an object of options, not with ${show(given)}.`);
  }
  checkKnown('A metrics server', options, KNOWN);
  const { registry = register, keepProcessAlive = false } = options;
  checkPageSource(registry);
  return {
    ...options,
    port: checkNumber('port', options.port, 0, 65_535, 8000),
    host: checkHost(options.host),
    registry,
    thread: checkThread(options.thread),
    mainThreadTimeoutMs: checkNumber('mainThreadTimeoutMs', options.mainThreadTimeoutMs, 1, LONGEST_MS, 250),
    path: checkPath(options.path),
    tls: options.tls === undefined ? undefined : checkTls(options.tls),
    auth: options.auth === undefined ? undefined : checkServerAuth(options.auth),
    methods: checkMethods(options.methods),
    keepProcessAlive,
    maxConnections: checkNumber('maxConnections', options.maxConnections, 1, 1_000_000, 1000),
    requestTimeoutMs: checkNumber('requestTimeoutMs', options.requestTimeoutMs, 1, LONGEST_MS, 10_000),
    maxHeaderBytes: checkNumber('maxHeaderBytes', options.maxHeaderBytes, 512, 16 * 1024 * 1024, 16_384),
  };
}

function checkThread(thread: unknown = true): boolean {
  if (typeof thread === 'boolean') return thread;
  throw new ConfigError(`The option thread is true or false, not ${show(thread)}.`);
}

function checkHost(host: unknown): string | undefined {
  if (host === undefined || (typeof host === 'string' && host !== '')) return host;
  throw new ConfigError(`The option host is an address or a name, such as "127.0.0.1", not ${show(host)}.`);
}

function checkPath(path: unknown = '/metrics'): string {
  if (typeof path === 'string' && /^\/[\w\-./~%!$&'()*+,;=:@]*$/.test(path)) return path;
  throw new ConfigError(
    `The option path is a URL's path, such as "/metrics", with no query and other characters encoded, not ${show(path)}.`,
  );
}
