import { type MethodRegistration, type Objective, registrationsOf } from '../metrics/method-registrations.js';
import type { Registrable } from '../metrics/metric-registry.js';
import type { FamilyType } from '../model/family.js';

/** What a program can know of a family without its numbers: for rules, dashboards and documentation. */
export interface FamilyManifest {
  /** As on the page, the registry's prefix included. */
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  /** The unit, a suffix of the name; empty where there is none. */
  readonly unit: string;
  readonly labels: readonly string[];
  /** A histogram's upper bounds, without `+Inf`. */
  readonly buckets?: readonly number[];
  /** A summary's ranks. */
  readonly percentiles?: readonly number[];
  /** The methods that are marked with the family. */
  readonly methods: readonly ManifestMethod[];
  /** What these methods promise. */
  readonly objectives: readonly MethodObjective[];
}

/** A method and the decorator by which it records into a family. */
export interface ManifestMethod {
  /** Without `@`: `Timed`. */
  readonly decorator: string;
  /** The class that declares the method; empty while neither a call nor an instance has told. */
  readonly class: string;
  readonly method: string;
}

/** What a method promises. */
export interface MethodObjective extends Objective, Pick<ManifestMethod, 'class' | 'method'> {}

/** Describes families. Holds nothing of them: the result is plain data, ready for JSON. */
export function manifestOf(families: readonly Registrable[], prefix: string): FamilyManifest[] {
  return families.map((family) => {
    const { name, type, help, unit, labelNames } = family;
    const { buckets, percentiles } = family as { buckets?: readonly number[]; percentiles?: readonly number[] };
    const marks = registrationsOf(family);
    return {
      name: prefix + name,
      type,
      help,
      unit,
      labels: [...labelNames],
      ...(buckets && { buckets: [...buckets] }),
      ...(percentiles && { percentiles: [...percentiles] }),
      methods: marks.map((mark) => ({ decorator: mark.decorator, class: mark.class, method: mark.method })),
      objectives: marks.flatMap(objectiveOf),
    };
  });
}

function objectiveOf({ class: className, method, objective }: MethodRegistration): MethodObjective[] {
  return objective === undefined ? [] : [{ class: className, method, ...objective }];
}
