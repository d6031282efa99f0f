import { ConfigError } from '../lib/index.js';
import type { DefaultMetricsOptions, MetricsServerOptions, PrometheusModuleSettings } from './options.js';

/** Every option that there is, so that the compiler asks for those that are added. */
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
