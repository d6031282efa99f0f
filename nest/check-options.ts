import { inspect } from 'node:util';
import { ConfigError, type ServerAuth } from '../lib/index.js';
import { AUTH_EXPECTED, isEndpointAuth } from './endpoint/endpoint-auth.js';
import type {
  DefaultMetricsOptions,
  MetricsServerOptions,
  PrometheusModuleOptions,
  PrometheusModuleSettings,
} from './options.js';

type Option = keyof PrometheusModuleOptions;
type Check = (value: unknown) => boolean;

/** The rule of an option: what it must be, in words and as a predicate. */
type Rule = readonly [expected: string, check: Check];
export type Rules<O extends string> = { readonly [K in O]-?: Rule };

const isBoolean: Check = (value) => typeof value === 'boolean';
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isPath: Check = (value) => typeof value === 'string' && /^\/?[\w.~-]+(\/[\w.~-]+)*\/?$/.test(value);
// Not by instanceof: an app may have the ESM and the CommonJS copy of promark loaded.
const isRegistry: Check = (value) =>
  isObject(value) && typeof (value as { render?: unknown; registerMetric?: unknown }).render === 'function';
const isGuard: Check = (value) =>
  typeof value === 'function' || typeof (value as { canActivate?: unknown } | null)?.canActivate === 'function';
const isPush: Check = (value) =>
  isObject(value) && ['string', 'object'].includes(typeof (value as { url?: unknown }).url);

/** The options that `forRootAsync` takes next to its factory. */
export const shapeRules: Rules<'controller' | 'guards' | 'global'> = {
  controller: ['false or a class', (value) => value === false || typeof value === 'function'],
  guards: ['an array of guards, classes or instances', (value) => Array.isArray(value) && value.every(isGuard)],
  global: ['true or false', isBoolean],
};

const rules: Rules<Option> = {
  registry: ['a Registry of promark', isRegistry],
  path: ["a path such as '/metrics'", isPath],
  underGlobalPrefix: ['true or false', isBoolean],
  outside: ['true or false', isBoolean],
  auth: [AUTH_EXPECTED, isEndpointAuth],
  defaultMetrics: ['true, false or options of collectDefaultMetrics', (value) => isBoolean(value) || isObject(value)],
  defaultLabels: ["an object such as { app: 'shop' }", isObject],
  prefix: ["the beginning of a name, such as 'shop_'", (value) => typeof value === 'string'],
  http: ['true, false or options such as { native: true }', (value) => isBoolean(value) || isObject(value)],
  handlers: ['true or false', isBoolean],
  server: ['a port or an object such as { port: 9100 }', (value) => typeof value === 'number' || isObject(value)],
  pushgateway: ["an object such as { url: 'http://127.0.0.1:9091', jobName: 'shop' }", isPush],
  ...shapeRules,
};

/** Throws ConfigError, naming the option, for unknown or invalid options. */
export function checkOptions(options: PrometheusModuleOptions): void {
  checkByRules('PrometheusModule', rules, options);
  checkNestedOptions(options);
  checkTogether(options);
}

/** Throws ConfigError unless the options are an object with known keys and values that fit their rules. */
export function checkByRules<O extends string>(where: string, rules: Rules<O>, options: object): void {
  if (!isObject(options)) throw refusal(where, 'options must be an object', options);
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, option)) {
      throw new ConfigError(
        `${where}: there is no option "${option}". The options are ${Object.keys(rules).join(', ')}.`,
      );
    }
    const [expected, check] = rules[option as O];
    if (value !== undefined && !check(value)) {
      // Secrets are not shown.
      const shown = option === 'auth' || option === 'pushgateway' ? undefined : value;
      throw refusal(where, `the option ${option} must be ${expected}`, shown, shown !== value);
    }
  }
}

function refusal(where: string, rule: string, value: unknown, secret = false): ConfigError {
  const came = secret ? '' : `, not ${inspect(value, { depth: 0, breakLength: Infinity })}`;
  return new ConfigError(`${where}: ${rule}${came}.`);
}

/** Throws ConfigError for options that contradict each other. */
export function checkTogether(options: PrometheusModuleOptions): void {
  const { controller, server, outside, guards } = options;
  if (controller === false || (server !== undefined && controller === undefined)) refuseIdle(options);
  if (server !== undefined) authOfServer(options);
  if (outside === true && (guards !== undefined || controller !== undefined)) {
    throw new ConfigError(
      `PrometheusModule: with outside: true neither guards nor a controller take part in a scrape. Leave them out and ` +
        'protect the endpoint by `auth`, or leave out `outside`.',
    );
  }
}

/** Throws ConfigError for endpoint options without an endpoint. */
function refuseIdle({ controller, server, path, auth, ...others }: PrometheusModuleOptions): void {
  const { guards, outside, underGlobalPrefix } = others;
  // A server has a path too, and uses `auth` unless it has its own.
  const serverTakesAuth = server !== undefined && (typeof server === 'number' || server.auth === undefined);
  const idle = {
    ...(!serverTakesAuth && { auth }),
    guards,
    outside,
    underGlobalPrefix,
    ...(server === undefined && { path }),
  };
  for (const [option, value] of Object.entries(idle)) {
    if (value === undefined) continue;
    const why = controller === false ? 'controller: false' : 'a server and no controller';
    const more = option === 'auth' && server !== undefined ? ': the server has an auth of its own' : '';
    throw new ConfigError(
      `PrometheusModule: with ${why} the app has no endpoint, so ${option} has no meaning. Leave it out${more}.`,
    );
  }
}

/** A complete table, so that the compiler reports missing options. */
type Keys<O> = { readonly [K in keyof Required<O>]: true };

const defaultMetrics: Keys<DefaultMetricsOptions> = {
  prefix: true,
  labels: true,
  collectors: true,
  legacyNames: true,
  gcDurationBuckets: true,
  eventLoopMonitoringPrecision: true,
  eventLoopLagWindowSeconds: true,
  eventLoopUtilizationTimeout: true,
  eventLoopUtilizationBuckets: true,
  eventLoopUtilizationPercentiles: true,
  eventLoopUtilizationAgeBuckets: true,
  eventLoopUtilizationMaxAgeSeconds: true,
};

const server: Keys<MetricsServerOptions> = {
  port: true,
  host: true,
  auth: true,
  methods: true,
  tls: true,
  thread: true,
  mainThreadTimeoutMs: true,
  keepProcessAlive: true,
  maxConnections: true,
  requestTimeoutMs: true,
  maxHeaderBytes: true,
  maxScrapes: true,
  sendTimeoutMs: true,
};

/**
 * Refuses options within options that are none. Default metrics do not look for others, and a word that is spelled wrongly
 * would go unnoticed; the server does, but when the app starts. Those of `http` are checked where they are used, those of
 * `pushgateway` may be any of a request. Throws ConfigError.
 */
export function checkNestedOptions(options: PrometheusModuleSettings): void {
  check('defaultMetrics', options.defaultMetrics, defaultMetrics);
  check('server', options.server, server);
}

function check(option: string, value: unknown, known: object): void {
  if (typeof value !== 'object' || value === null) return;
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(known, key));
  if (unknown === undefined) return;
  throw new ConfigError(
    `PrometheusModule: the option ${option} has no "${unknown}". It has ${Object.keys(known).join(', ')}${hint(option, unknown)}.`,
  );
}

function hint(option: string, key: string): string {
  if (key === 'register' || key === 'registry') return '; the registry is that of the module';
  return option === 'server' && key === 'path' ? '; the path is that of the module' : '';
}

/**
 * Returns the credentials of the option `server`: its own, or those of the endpoint. Throws ConfigError if `auth` is a
 * function, because the server may run in another thread.
 */
export function authOfServer({ server, auth }: PrometheusModuleSettings): ServerAuth | undefined {
  if (typeof server === 'object' && server.auth !== undefined) return server.auth;
  if (typeof auth !== 'function') return auth;
  throw new ConfigError(
    'PrometheusModule: auth is a function, which can judge requests of the endpoint and not those of the server, which ' +
      'has a thread of its own. Use { bearer } or { basic }, or give the server an `auth` of its own.',
  );
}
