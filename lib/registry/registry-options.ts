import type { LabelPairs } from '../formats/format.js';
import { OPEN_METRICS_TYPE, TEXT_TYPE } from '../model/content-types.js';
import { ConfigError, show } from '../model/errors.js';
import { type LabelValue, toLabelString } from '../model/labels.js';
import { checkLabelName } from '../model/names.js';
import { isOptionsObject, type OptionNames, type OptionRule } from '../model/options.js';
import type { RegistryContentType } from '../promclient/exports.js';
import type { Store } from '../store/store.js';
import type { Logger } from './fault-log.js';

/** Registry options. */
export interface RegistryOptions {
  /** The format of `metrics()`; `render` negotiates with the scraper. Default: text 0.0.4. */
  readonly contentType?: string;
  /** Prefix of all family names on the page. Default: none. */
  readonly prefix?: string;
  /** Labels for every series that has no label of the same name. Default: none. */
  readonly defaultLabels?: { readonly [label: string]: LabelValue };
  /** Maximum number of series of a family without a `maxSeries` of its own; 0: no limit. Default: 10 000. */
  readonly maxSeries?: number;
  /** Time limit of a `collect` in milliseconds; a family that exceeds it is left out of the page. Default: 5000. */
  readonly collectTimeoutMs?: number;
  /** Whether OpenMetrics pages show when each series was created (`_created`). Default: false. */
  readonly created?: boolean;
  /**
   * Whether to serve OpenMetrics 2.0 to scrapers that ask for `version=2.0.0`. Experimental: its rules may still
   * change. Default: false.
   */
  readonly openMetrics2?: boolean;
  /**
   * Whether to print bounds and ranks as prom-client does, `le="1"` instead of `le="1.0"`, and to serve only text
   * 0.0.4. For a Prometheus 2 that already stores such series; Prometheus 3 treats both alike. Default: false.
   */
  readonly plainBounds?: boolean;
  /** Allocates the cells of metrics. Default: shared memory, which a server in a thread of its own can read. */
  readonly store?: Store;
  /** Logger for warnings. Default: `console`. */
  readonly logger?: Logger;
}

/** The options by name. */
export const REGISTRY_OPTIONS: OptionNames<RegistryOptions> = {
  contentType: true,
  prefix: true,
  defaultLabels: true,
  maxSeries: true,
  collectTimeoutMs: true,
  created: true,
  openMetrics2: true,
  plainBounds: true,
  store: true,
  logger: true,
};

/** For options that take a registry. Does not use `instanceof`, because several copies of promark may be loaded. */
export const registryRule: OptionRule = {
  expected: 'a Registry',
  accepts: (value) =>
    isOptionsObject(value) && typeof (value as { readonly getOrCreate?: unknown }).getOrCreate === 'function',
};

/** Checks the options that nothing else checks. Throws ConfigError. */
export function checkRegistryOptions(options: RegistryOptions): void {
  if (!isOptionsObject(options)) refuse('options', 'be an object or a content type', options);
  const { created, openMetrics2, plainBounds, logger, store } = options;
  for (const [name, value] of Object.entries({ created, openMetrics2, plainBounds })) checkFlag(name, value);
  if (typeof (logger ?? console).warn !== 'function') refuse('logger', 'have a method warn', logger);
  if (store !== undefined && typeof store?.allocate !== 'function') refuse('store', 'have a method allocate', store);
}

/** Checks one of a registry's settings. Throws ConfigError. */
export function checkFlag(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') refuse(name, 'be true or false', value);
}

/** Checks the numbers among a registry's options. Throws ConfigError. */
export function checkLimit(value: number | undefined, name: string, least: number, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= least && Number.isInteger(value)) return value;
  return refuse(name, `be a whole number of ${least} or more`, value);
}

function refuse(option: string, must: string, value: unknown): never {
  throw new ConfigError(`A registry's ${option} must ${must}, got ${show(value)}.`);
}

/**
 * Checks and copies default labels; empty ones are dropped. Throws ConfigError or LabelError.
 */
export function checkDefaultLabels(labels: unknown): LabelPairs {
  if (!isOptionsObject(labels)) {
    throw new ConfigError(`Default labels must be an object of names and values, got ${show(labels)}.`);
  }
  const pairs = Object.entries(labels).map(([name, value]) => {
    checkLabelName(name, 'default labels');
    return [name, toLabelString(value, name, '', 'Default labels')] as const;
  });
  return pairs.filter(([, text]) => text !== '');
}

/** Throws ConfigError for a content type of `metrics()` that is neither text nor OpenMetrics. */
export function checkContentType(contentType: string): RegistryContentType {
  if (contentType === TEXT_TYPE || contentType === OPEN_METRICS_TYPE) return contentType;
  const known = `"${TEXT_TYPE}" or "${OPEN_METRICS_TYPE}"`;
  throw new ConfigError(`Content type ${String(contentType)} is unsupported: it must be ${known}.`);
}

/** Throws ConfigError for plain bounds in a format that has none. */
export function checkPlainBounds(plainBounds: boolean | undefined, contentType: RegistryContentType): void {
  if (plainBounds !== true || contentType === TEXT_TYPE) return;
  throw new ConfigError('A registry with plainBounds has pages in text 0.0.4 only. Leave out one of the two.');
}

/** Returns one or more registries as a list. Throws ConfigError for anything else. */
export function registryList<R extends object>(subject: string, oneOrMore: R | readonly R[]): readonly R[] {
  const all = Array.isArray(oneOrMore) ? (oneOrMore as readonly R[]) : [oneOrMore as R];
  const invalid = all.findIndex((one) => !registryRule.accepts(one));
  if (invalid < 0) return all;
  throw new ConfigError(`${subject} takes registries, got ${show(all[invalid])}.`);
}
