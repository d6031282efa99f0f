import { inspect } from 'node:util';
import { ConfigError } from '../lib/index.js';
import type { PrometheusModuleOptions } from './options.js';

type Option = keyof PrometheusModuleOptions;
type Check = (value: unknown) => boolean;

const isBoolean: Check = (value) => typeof value === 'boolean';
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isPath: Check = (value) => typeof value === 'string' && /^\/?[\w.~-]+(\/[\w.~-]+)*\/?$/.test(value);
// Not by instanceof: an app may have the ESM and the CommonJS copy of promark loaded.
const isRegistry: Check = (value) =>
  isObject(value) && typeof (value as { render?: unknown; registerMetric?: unknown }).render === 'function';

/** What each option has to be: in words, and as a test. */
const rules: { readonly [O in Option]-?: readonly [expected: string, check: Check] } = {
  registry: ['a Registry of promark', isRegistry],
  path: ["a path such as '/metrics'", isPath],
  underGlobalPrefix: ['true or false', isBoolean],
  controller: ['false or a class', (value) => value === false || typeof value === 'function'],
  defaultMetrics: ['true, false or options of collectDefaultMetrics', (value) => isBoolean(value) || isObject(value)],
  defaultLabels: ["an object such as { app: 'shop' }", isObject],
  global: ['true or false', isBoolean],
};

/** Refuses options that the module does not know or cannot use. Throws ConfigError, naming the option. */
export function checkOptions(options: PrometheusModuleOptions): void {
  if (!isObject(options)) throw refusal('options have to be an object', options);
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, option)) {
      throw new ConfigError(
        `PrometheusModule: there is no option "${option}". The options are ${Object.keys(rules).join(', ')}.`,
      );
    }
    const [expected, check] = rules[option as Option];
    if (value !== undefined && !check(value)) throw refusal(`the option ${option} has to be ${expected}`, value);
  }
  if (options.controller === false && options.path !== undefined) {
    throw new ConfigError('PrometheusModule: with controller: false there is no endpoint, so path has no meaning.');
  }
}

function refusal(rule: string, value: unknown): ConfigError {
  return new ConfigError(`PrometheusModule: ${rule}, not ${inspect(value, { depth: 0, breakLength: Infinity })}.`);
}
