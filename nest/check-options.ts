import { ConfigError, checkOptions, type OptionRule, type OptionRules, rule, type ServerAuth } from '../lib/index.js';
import { withSlash } from './endpoint/controllers.js';
import { checkEndpointAuth } from './endpoint/endpoint-auth.js';
import type {
  DefaultMetricsOptions,
  MetricsServerOptions,
  NestMultiprocessOptions,
  PrometheusModuleOptions,
  PrometheusModuleSettings,
  PrometheusModuleShape,
} from './module-options.js';

const { accepts: isObject } = rule.object;
const isBoolean = (value: unknown) => typeof value === 'boolean';
const isPath = (value: unknown) => typeof value === 'string' && /^\/?[\w.~-]+(\/[\w.~-]+)*\/?$/.test(value);
// Does not use instanceof, because an app may load both the ESM and the CommonJS copy of promark.
const isRegistry = (value: unknown) => isObject(value) && typeof (value as { render?: unknown }).render === 'function';
const isGuard = (value: unknown) =>
  typeof value === 'function' || typeof (value as { canActivate?: unknown } | null)?.canActivate === 'function';
const isPushOptions = (value: unknown) =>
  isObject(value) && ['string', 'object'].includes(typeof (value as { url?: unknown }).url);

/** Rules of the options that `forRootAsync` takes next to its factory. */
export const shapeRules: OptionRules<PrometheusModuleShape> = {
  controller: {
    expected: 'false or a class',
    // An arrow function has no prototype.
    accepts: (value) => value === false || (typeof value === 'function' && value.prototype !== undefined),
  },
  guards: {
    expected: 'an array of guards, classes or instances',
    accepts: (value) => Array.isArray(value) && value.every(isGuard),
  },
  global: rule.boolean,
};

const rules: OptionRules<PrometheusModuleOptions> = {
  registry: { expected: 'a promark Registry', accepts: isRegistry },
  path: { expected: 'a path such as "/metrics"', accepts: isPath },
  page: { expected: 'a path such as "/live", at which browsers get the live page', accepts: isPath },
  underGlobalPrefix: rule.boolean,
  outside: rule.boolean,
  auth: rule.any,
  defaultMetrics: booleanOr('options of collectDefaultMetrics'),
  defaultLabels: { expected: 'an object such as { app: "shop" }', accepts: isObject },
  prefix: { expected: 'a prefix of names, such as "shop_"', accepts: rule.string.accepts },
  http: booleanOr('options such as { native: true }'),
  httpClient: booleanOr("options such as { hosts: ['api.example.com'] }"),
  handlers: rule.boolean,
  server: {
    expected: 'a port or an object such as { port: 9100 }',
    accepts: (value) => typeof value === 'number' || isObject(value),
  },
  multiprocess: booleanOr("options such as { dir: '/dev/shm/shop' }"),
  pushgateway: {
    expected: 'an object such as { url: "http://127.0.0.1:9091", jobName: "shop" }',
    accepts: isPushOptions,
    secret: true,
  },
  ...shapeRules,
};

function booleanOr(options: string): OptionRule {
  return { expected: `true, false or ${options}`, accepts: (value) => isBoolean(value) || isObject(value) };
}

/** Throws ConfigError, which names the option, for unknown and invalid options. */
export function checkModuleOptions(options: PrometheusModuleOptions): void {
  checkOptions('PrometheusModule', options, rules);
  checkEndpointAuth(options.auth);
  checkNestedOptions(options);
  checkCombinations(options);
}

/** Throws ConfigError for options that contradict each other. */
export function checkCombinations(options: PrometheusModuleOptions): void {
  const { controller, server, outside, guards } = options;
  if (controller === false || (server !== undefined && controller === undefined)) refuseWithoutEndpoint(options);
  if (server !== undefined) serverAuth(options);
  const { path = '/metrics', page } = options;
  if (page !== undefined && controller === undefined && withSlash(page) === withSlash(path)) {
    throw new ConfigError(`PrometheusModule: the live page cannot be at ${withSlash(page)}, where the metrics are.`);
  }
  if (outside === true && (guards !== undefined || controller !== undefined)) {
    throw new ConfigError(
      'PrometheusModule: with outside: true, scrapes bypass guards and controller. Leave these out and protect the ' +
        'endpoint with `auth`, or leave out `outside`.',
    );
  }
}

/** Throws ConfigError for options of the endpoint, in an app without one. */
function refuseWithoutEndpoint({ controller, server, path, auth, ...others }: PrometheusModuleOptions): void {
  const { guards, outside, underGlobalPrefix, page } = others;
  // A server has a path too, and uses `auth` unless it has its own.
  const serverUsesAuth = server !== undefined && (typeof server === 'number' || server.auth === undefined);
  const unused = {
    ...(!serverUsesAuth && { auth }),
    guards,
    page,
    outside,
    underGlobalPrefix,
    ...(server === undefined && { path }),
  };
  for (const [option, value] of Object.entries(unused)) {
    if (value === undefined) continue;
    const cause = controller === false ? 'controller: false' : 'a server and no controller';
    const hasOwn = server !== undefined && (option === 'auth' || option === 'page');
    const hint = hasOwn ? `: the server has ${option === 'auth' ? 'an auth' : 'a page'} of its own` : '';
    throw new ConfigError(
      `PrometheusModule: with ${cause} the app has no endpoint, so ${option} has no effect. Leave it out${hint}.`,
    );
  }
}

const defaultMetricsRules: OptionRules<DefaultMetricsOptions> = {
  prefix: rule.any,
  labels: rule.any,
  collectors: rule.any,
  legacyNames: rule.any,
  gcDurationBuckets: rule.any,
  eventLoopMonitoringPrecision: rule.any,
  eventLoopLagWindowSeconds: rule.any,
  eventLoopUtilizationTimeout: rule.any,
  eventLoopUtilizationBuckets: rule.any,
  eventLoopUtilizationPercentiles: rule.any,
  eventLoopUtilizationAgeBuckets: rule.any,
  eventLoopUtilizationMaxAgeSeconds: rule.any,
};

const serverRules: OptionRules<MetricsServerOptions> = {
  page: rule.any,
  port: rule.any,
  host: rule.any,
  auth: rule.any,
  methods: rule.any,
  tls: rule.any,
  thread: rule.any,
  mainThreadTimeoutMs: rule.any,
  keepProcessAlive: rule.any,
  maxConnections: rule.any,
  requestTimeoutMs: rule.any,
  maxHeaderBytes: rule.any,
  maxScrapes: rule.any,
  sendTimeoutMs: rule.any,
};

const multiprocessRules: OptionRules<NestMultiprocessOptions> = {
  dir: rule.any,
  workerLabel: rule.any,
  mapped: rule.any,
  flushIntervalMs: rule.any,
  thread: rule.any,
  refreshIntervalMs: rule.any,
  allowSharedFolder: rule.any,
  wipe: rule.any,
  signals: rule.any,
};

const hints = {
  register: 'The registry is that of the module.',
  registry: 'The registry is that of the module.',
  path: 'The path is that of the module.',
};

/**
 * Throws ConfigError for unknown options of default metrics, which would only log them, and of `server` and
 * `multiprocess`, which would refuse them no earlier than when the app starts. Values are checked when they are used, as
 * are the options of `http`; those of `pushgateway` may be any option of a request.
 */
export function checkNestedOptions({ defaultMetrics, server, multiprocess }: PrometheusModuleSettings): void {
  if (typeof defaultMetrics === 'object') {
    checkOptions('PrometheusModule, option defaultMetrics', defaultMetrics, defaultMetricsRules, hints);
  }
  if (typeof multiprocess === 'object') {
    checkOptions('PrometheusModule, option multiprocess', multiprocess, multiprocessRules, hints);
  }
  if (typeof server === 'object') checkOptions('PrometheusModule, option server', server, serverRules, hints);
}

/**
 * Returns the credentials of the option `server`: its own, or those of the endpoint. Throws ConfigError if `auth` is a
 * function, because the server may run in another thread.
 */
export function serverAuth({ server, auth }: PrometheusModuleSettings): ServerAuth | undefined {
  if (typeof server === 'object' && server.auth !== undefined) return server.auth;
  if (typeof auth !== 'function') return auth;
  throw new ConfigError(
    'PrometheusModule: auth is a function, which the server cannot call, because it may run in a thread of its own. Use ' +
      '{ bearer } or { basic }, or give the server an `auth` of its own.',
  );
}
