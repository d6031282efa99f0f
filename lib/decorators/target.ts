import { ConfigError, show } from '../model/errors.js';

/** Which kind of metric a thing is; undefined where it is none. Other copies of promark have classes of their own. */
export function metricType(target: unknown): string | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  const { type, labels, labelNames } = target as Record<string, unknown>;
  return typeof labels === 'function' && Array.isArray(labelNames) && typeof type === 'string' ? type : undefined;
}

/** What a decorator was given, apart: a metric that exists, or the options to make one or to use the default one. */
export interface Target {
  readonly metric: object | undefined;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Takes a decorator's arguments apart. Throws ConfigError for a metric of a wrong type and for what is neither. */
export function targetOf(decorator: string, types: readonly string[], first: unknown, second: unknown): Target {
  const type = metricType(first);
  if (type !== undefined && !types.includes(type)) {
    const { name } = first as { readonly name: string };
    const list = new Intl.ListFormat('en', { type: 'disjunction' }).format(types);
    throw new ConfigError(`@${decorator}() records on a ${list}, and "${name}" is a ${type}.`);
  }
  const options = (type === undefined ? first : second) ?? {};
  if (typeof options !== 'object') {
    throw new ConfigError(`@${decorator}() takes a metric, an object of options or nothing, not ${show(options)}.`);
  }
  return { metric: type === undefined ? undefined : (first as object), options: options as Record<string, unknown> };
}
