import type { Registrable } from '../metrics/metric-registry.js';
import { ConfigError, show } from '../model/errors.js';
import type { FamilyType } from '../model/family.js';
import type { Registry } from '../registry/registry.js';
import type { OwnLabel } from './label-plan.js';
import type { Target } from './target.js';

const madeByMarks = new WeakSet<object>();

/** Whether a family is there only because a mark asked for it. */
export function isMadeByMark(family: object): boolean {
  return madeByMarks.has(family);
}

/** What a decorator makes families of. */
export interface FamilyKind {
  readonly decorator: string;
  // The classes of metrics differ in what they are made from; here it is put together from plain options.
  readonly make: new (
    config: never,
  ) => Registrable;
  readonly type: FamilyType;
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly OwnLabel[];
  /** The labels that a family made by a config has on top of those that are listed. */
  readonly added: readonly OwnLabel[];
  /** Options that are handed on to the metric: `buckets`, `aggregate`, … */
  readonly passed: readonly string[];
}

/** Where the family of a mark comes from. */
export interface FamilySource {
  readonly name: string;
  readonly labelNames: readonly string[];
  /** A metric that the user made stays the same whatever the registry. */
  readonly metric: object | undefined;
  /** Whether it is the default family, which all classes share. */
  readonly shared: boolean;
  /** The family in a registry, made where there is none. Throws ConflictError. */
  in(registry: Registry): object;
}

/** Finds out where a mark's family comes from. Throws ConfigError for labels without a name. */
export function familySource(kind: FamilyKind, { metric, options }: Target): FamilySource {
  if (metric !== undefined) {
    const { name, labelNames } = metric as { readonly name: string; readonly labelNames: readonly string[] };
    return { name, labelNames, metric, shared: false, in: () => metric };
  }
  const passed = passedOptions(kind, options);
  if (options.name === undefined) {
    refuseLabels(kind, options);
    const config = { name: kind.name, help: kind.help, labelNames: kind.labelNames, ...passed };
    return source(kind, config, true, Object.keys(passed).length === 0);
  }
  const labelNames = [...new Set([...kind.added, ...exceptionOf(options), ...Object.keys(options.labels ?? {})])];
  return source(kind, { name: options.name as string, help: kind.help, labelNames, ...passed }, false, false);
}

interface FamilyConfig {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

function source(kind: FamilyKind, config: FamilyConfig, shared: boolean, takesAny: boolean): FamilySource {
  return {
    name: config.name,
    labelNames: config.labelNames,
    metric: undefined,
    shared,
    in(registry) {
      // Who asks for nothing in particular takes the default family with the buckets that somebody gave it.
      const existing = registry.getSingleMetric(config.name);
      if (takesAny && existing?.type === kind.type && existing.labelNames.join() === config.labelNames.join())
        return existing;
      // Exemplars are kept where a tracing integration offers some.
      const enableExemplars = kind.type === 'histogram' || kind.type === 'counter';
      const make = kind.make as new (config: object) => Registrable;
      const family = registry.getOrCreate(make, { ...config, enableExemplars });
      if (existing === undefined) madeByMarks.add(family);
      return family;
    },
  };
}

function passedOptions({ passed }: FamilyKind, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const chosen: Record<string, unknown> = {};
  for (const key of ['help', 'unit', 'maxSeries', ...passed])
    if (options[key] !== undefined) chosen[key] = options[key];
  return chosen;
}

function exceptionOf({ exception }: Readonly<Record<string, unknown>>): string[] {
  return exception === true ? ['exception'] : [];
}

function refuseLabels({ decorator, name }: FamilyKind, options: Readonly<Record<string, unknown>>): void {
  for (const option of ['labels', 'exception']) {
    if (options[option] === undefined || options[option] === false) continue;
    throw new ConfigError(
      `@${decorator}({ ${option}: ${show(options[option])} }) would change the labels of the default family "${name}", ` +
        "which all classes share. Give the family a name of its own: { name: '…', … }.",
    );
  }
}
