import { inspect } from 'node:util';
import { ConfigError } from '../lib/index.js';
import { AUTH_EXPECTED, isEndpointAuth } from './auth/endpoint-auth.js';
import { checkTogether } from './check-together.js';
import { checkNestedOptions } from './nested-options.js';
import type { PrometheusModuleOptions } from './options.js';

type Option = keyof PrometheusModuleOptions;
type Check = (value: unknown) => boolean;

/** What one option has to be: in words, and as a test. */
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

/** The options that `forRootAsync` takes beside its factory. */
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

/** Refuses options that the module does not know or cannot use. Throws ConfigError, naming the option. */
export function checkOptions(options: PrometheusModuleOptions): void {
  checkByRules('PrometheusModule', rules, options);
  checkNestedOptions(options);
  checkTogether(options);
}

/** Refuses what is no object, has an unknown key, or a value that its rule does not take. Throws ConfigError. */
export function checkByRules<O extends string>(where: string, rules: Rules<O>, options: object): void {
  if (!isObject(options)) throw refusal(where, 'options have to be an object', options);
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, option)) {
      throw new ConfigError(
        `${where}: there is no option "${option}". The options are ${Object.keys(rules).join(', ')}.`,
      );
    }
    const [expected, check] = rules[option as O];
    if (value !== undefined && !check(value)) {
      // What is given for a secret is not shown.
      const shown = option === 'auth' || option === 'pushgateway' ? undefined : value;
      throw refusal(where, `the option ${option} has to be ${expected}`, shown, shown !== value);
    }
  }
}

function refusal(where: string, rule: string, value: unknown, secret = false): ConfigError {
  const came = secret ? '' : `, not ${inspect(value, { depth: 0, breakLength: Infinity })}`;
  return new ConfigError(`${where}: ${rule}${came}.`);
}
