import { refuseBareUse } from '../calls/dialect.js';
import type { Registrable } from '../metrics/metric-registry.js';
import { ConfigError, show } from '../model/errors.js';
import { type FamilyType, TYPE_RULES } from '../model/family-types.js';
import { checkOptions, type OptionRules } from '../model/options.js';
import type { Registry } from '../registry/registry.js';
import { TYPE_OPTIONS } from './decorator-options.js';
import type { OwnLabel } from './label-plan.js';

/** The arguments of a decorator: an optional metric, and the options. */
export interface DecoratorArguments {
  readonly metric: object | undefined;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The options of a decorator: those for creating a family, and those for use with a given metric. */
export interface ArgumentRules<Create extends object, Use extends object> {
  readonly create: OptionRules<Create>;
  readonly use: OptionRules<Use>;
}

/**
 * Reads the arguments of a decorator. Throws ConfigError for a metric of a wrong type, for an unknown option, and if the
 * decorator was applied without parentheses.
 */
export function readArguments<Create extends object, Use extends object>(
  decorator: string,
  types: readonly string[],
  args: readonly unknown[],
  rules: ArgumentRules<Create, Use>,
): DecoratorArguments {
  refuseBareUse(decorator, args);
  const [first, second] = args;
  const type = metricType(first);
  if (type !== undefined && !types.includes(type)) {
    const { name } = first as { readonly name: string };
    const list = new Intl.ListFormat('en', { type: 'disjunction' }).format(types);
    const others = DECORATORS_FOR[type];
    const way = others === undefined ? '' : ` Use ${others} for a ${type}.`;
    throw new ConfigError(`@${decorator}() records on a ${list}, but "${name}" is a ${type}.${way}`);
  }
  const options = (type === undefined ? first : second) ?? {};
  if (typeof options !== 'object') {
    throw new ConfigError(`@${decorator}() takes a metric, an object of options or nothing, got ${show(options)}.`);
  }
  if (type === undefined) checkOptions<Create>(`@${decorator}()`, options, rules.create);
  else {
    const hints = Object.keys(rules.create).map((option) => [option, 'It cannot be combined with a metric.']);
    checkOptions<Use>(`@${decorator}()`, options, rules.use, Object.fromEntries(hints));
  }
  return { metric: type === undefined ? undefined : (first as object), options: options as Record<string, unknown> };
}

/** The decorators that usually record on a metric of a type. */
const DECORATORS_FOR: Readonly<Record<string, string>> = {
  counter: '@Counted()',
  gauge: '@InProgress() or @GaugeFrom()',
  histogram: '@Timed() or @Observe()',
  summary: '@Timed() or @Observe()',
};

/**
 * Returns the type of a metric; undefined for anything else. Does not use `instanceof`, because other copies of promark
 * have other classes.
 */
export function metricType(target: unknown): string | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  const { type, labels, labelNames } = target as Record<string, unknown>;
  return typeof labels === 'function' && Array.isArray(labelNames) && typeof type === 'string' ? type : undefined;
}

const madeByDecorators = new WeakSet<object>();

/** Whether a family was created by a decorator. */
export function isMadeByDecorator(family: object): boolean {
  return madeByDecorators.has(family);
}

/** The kind of family that a decorator creates. */
export interface FamilyKind {
  readonly decorator: string;
  // `never`, because each metric class takes another configuration, which is assembled from plain options here.
  readonly make: new (
    config: never,
  ) => Registrable;
  readonly type: FamilyType;
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly OwnLabel[];
  /** Labels of a family with its own `name`, in addition to those in `labels`. */
  readonly added: readonly OwnLabel[];
  /** Options that are passed to the metric: `buckets`, `aggregate`, … */
  readonly passed: readonly string[];
}

/** The family of a decorator, in each registry. */
export interface DecoratorFamily {
  readonly name: string;
  readonly labelNames: readonly string[];
  /** The metric that was passed to the decorator: the same for every registry. */
  readonly metric: object | undefined;
  /** Whether it is the default family, which all classes share. */
  readonly shared: boolean;
  /** Returns the family in a registry, and creates it if there is none. Throws ConflictError. */
  in(registry: Registry): object;
}

/** Determines a decorator's family. Throws ConfigError for labels without a name. */
export function decoratorFamily(kind: FamilyKind, { metric, options }: DecoratorArguments): DecoratorFamily {
  if (metric !== undefined) {
    const { name, labelNames } = metric as { readonly name: string; readonly labelNames: readonly string[] };
    return { name, labelNames, metric, shared: false, in: () => metric };
  }
  const passed = passedOptions(kind, options);
  if (options.name === undefined) {
    refuseLabels(kind, options);
    const config = { name: kind.name, help: kind.help, labelNames: kind.labelNames, ...passed };
    return familyIn(kind, config, true, Object.keys(passed).length === 0);
  }
  const labelNames = [...new Set([...kind.added, ...exceptionOf(options), ...Object.keys(options.labels ?? {})])];
  return familyIn(kind, { name: options.name as string, help: kind.help, labelNames, ...passed }, false, false);
}

interface FamilyConfig {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

function familyIn(kind: FamilyKind, config: FamilyConfig, shared: boolean, takesAny: boolean): DecoratorFamily {
  return {
    name: config.name,
    labelNames: config.labelNames,
    metric: undefined,
    shared,
    in(registry) {
      // A decorator without options uses the existing default family, whatever its buckets are.
      const existing = registry.getSingleMetric(config.name);
      const isSame = existing?.type === kind.type && existing.labelNames?.join() === config.labelNames.join();
      if (takesAny && isSame && existing.kind !== undefined) return existing;
      // Exemplars are stored if a tracing integration provides them.
      const enableExemplars = TYPE_RULES[kind.type].exemplarSuffix !== undefined;
      const make = kind.make as new (config: object) => Registrable;
      const family = registry.getOrCreate(make, { ...config, enableExemplars });
      if (existing === undefined) madeByDecorators.add(family);
      return family;
    },
  };
}

function passedOptions(
  { decorator, type, passed }: FamilyKind,
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  for (const [other, names] of TYPE_OPTIONS) {
    const option = names.find((name) => options[name] !== undefined && !passed.includes(name));
    if (option === undefined) continue;
    throw new ConfigError(
      `@${decorator}(): option ${option} is one of a ${other}, and the metric is a ${type}. Set type: '${other}', or leave it out.`,
    );
  }
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
      `Option ${option} of @${decorator}() would change the labels of the default family "${name}", ` +
        "which all classes share. Give the decorator a family of its own: { name: '…', … }.",
    );
  }
}
