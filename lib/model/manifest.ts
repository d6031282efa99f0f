import { parseBound } from './canonical-float.js';
import { type FamilyType, reservedLabelOf, TYPE_RULES } from './family-types.js';
import type { FamilySource, LiveFamily, SnapshotFamily } from './live-family.js';
import { type MethodRegistration, type Objective, registrationsOf } from './method-registrations.js';

/** A family without its values, for rules, dashboards and documentation. */
export interface FamilyManifest {
  /** As on the page, the registry's prefix included. */
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  /** The unit, a suffix of the name; empty if there is none. */
  readonly unit: string;
  readonly labels: readonly string[];
  /** A histogram's upper bounds, without `+Inf`. */
  readonly buckets?: readonly number[];
  /** A summary's ranks. */
  readonly percentiles?: readonly number[];
  /** The methods that record in the family. */
  readonly methods: readonly ManifestMethod[];
  /** The objectives of these methods. */
  readonly objectives: readonly MethodObjective[];
}

/** A method and the decorator by which it records in a family. */
export interface ManifestMethod {
  /** Without `@`: `Timed`. */
  readonly decorator: string;
  /** The class that declares the method; empty until a call or an instance has made it known. */
  readonly class: string;
  readonly method: string;
}

/** The objective of a method. */
export interface MethodObjective extends Objective, Pick<ManifestMethod, 'class' | 'method'> {}

/** A method by its name, with its class if that is known. */
export function methodName({ class: className, method }: Pick<ManifestMethod, 'class' | 'method'>): string {
  return className === '' ? method : `${className}.${method}`;
}

/** Describes families as plain data, ready for JSON, without references to them. */
export function manifestOf(families: readonly FamilySource[], prefix: string): FamilyManifest[] {
  return families.map((family) => {
    const { name, type, help, unit } = family;
    const { lines } = TYPE_RULES[type];
    const { labels, bounds } = family.kind === 'live' ? partsOf(family) : partsOfSnapshot(family);
    const registrations = registrationsOf(family);
    return {
      name: prefix + name,
      type,
      help,
      unit,
      labels,
      ...(bounds && lines === 'buckets' && { buckets: bounds.filter(Number.isFinite) }),
      ...(bounds && lines === 'quantiles' && { percentiles: bounds }),
      methods: registrations.map(({ decorator, class: className, method }) => ({
        decorator,
        class: className,
        method,
      })),
      objectives: registrations.flatMap(objectiveOf),
    };
  });
}

/** The label names of a family, and the bounds or ranks that its series have in common. */
interface FamilyParts {
  readonly labels: string[];
  readonly bounds: number[] | undefined;
}

function partsOf({ labelNames, shape }: LiveFamily): FamilyParts {
  return { labels: [...labelNames], bounds: shape.flatMap(({ label }) => (label ? [Number(label[1])] : [])) };
}

/** The same for a snapshot of a collector or parser, found from its samples. */
function partsOfSnapshot(family: SnapshotFamily & { readonly labelNames?: readonly string[] }): FamilyParts {
  const reserved = reservedLabelOf(family.type);
  const { labelNames } = family;
  if (reserved === undefined && labelNames !== undefined) return { labels: [...labelNames], bounds: undefined };
  const [labels, bounds] = [new Set<string>(), new Set<number>()];
  for (const sample of family.snapshot().samples) {
    for (const label of Object.keys(sample.labels)) {
      if (label !== reserved) labels.add(label);
      else bounds.add(parseBound(sample.labels[label]));
    }
  }
  return { labels: [...(labelNames ?? labels)], bounds: reserved === undefined ? undefined : [...bounds] };
}

function objectiveOf({ class: className, method, objective }: MethodRegistration): MethodObjective[] {
  return objective === undefined ? [] : [{ class: className, method, ...objective }];
}
