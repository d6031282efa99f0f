import { type MethodRegistration, type Objective, registrationsOf } from '../metrics/method-registrations.js';
import type { Registrable } from '../metrics/metric-registry.js';
import { type FamilyType, TYPE_RULES } from '../model/family-types.js';

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

/** Describes families. Holds nothing of them: the result is plain data, ready for JSON. */
export function manifestOf(families: readonly Registrable[], prefix: string): FamilyManifest[] {
  return families.map((family) => {
    const { name, type, help, unit, labelNames } = family;
    const { lines } = TYPE_RULES[type];
    const shape = family.kind === 'live' ? family.shape : undefined;
    const steps = shape?.flatMap(({ label }) => (label ? [Number(label[1])] : []));
    const registrations = registrationsOf(family);
    return {
      name: prefix + name,
      type,
      help,
      unit,
      labels: [...labelNames],
      ...(steps && lines === 'buckets' && { buckets: steps.filter(Number.isFinite) }),
      ...(steps && lines === 'quantiles' && { percentiles: steps }),
      methods: registrations.map(({ decorator, class: className, method }) => ({
        decorator,
        class: className,
        method,
      })),
      objectives: registrations.flatMap(objectiveOf),
    };
  });
}

function objectiveOf({ class: className, method, objective }: MethodRegistration): MethodObjective[] {
  return objective === undefined ? [] : [{ class: className, method, ...objective }];
}
