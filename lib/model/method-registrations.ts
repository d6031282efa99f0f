/** The objective of an instrumented method. */
export interface Objective {
  /** The share of calls that must succeed (and, with a latency, in time), above 0 and below 1. */
  readonly target: number;
  /**
   * The maximum duration of a call in seconds. Must be one of the family's buckets, from which the calls in time are
   * counted.
   */
  readonly latency?: number;
}

/** A method that records in a family. */
export interface MethodRegistration {
  /** Without `@`: `Timed`. */
  readonly decorator: string;
  /** The class that declares the method; empty until a call or an instance has made it known. */
  readonly class: string;
  readonly method: string;
  readonly objective?: Objective | undefined;
}

/** The property of a family that holds its registrations, so that every copy of promark in a process sees those of the others. */
const REGISTRATIONS = Symbol.for('promark.registrations.v1');

/**
 * Equal registrations share one entry, so that classes created at run time do not accumulate. Entries hold no reference
 * to a class.
 */
interface CountedRegistration {
  readonly registration: MethodRegistration;
  uses: number;
  readonly order: number;
}

let order = 0;

/** Called when a method is added, with its position in the order of registration, or removed, with undefined. */
export type RegistrationListener = (registration: MethodRegistration, order: number | undefined) => void;

/** The property of a family that holds the listeners for its registrations. */
const LISTENERS = Symbol.for('promark.registration-listeners.v1');

interface Registered {
  [REGISTRATIONS]?: Map<string, CountedRegistration>;
  [LISTENERS]?: Set<RegistrationListener>;
}

/** Adds a method to those that record in a family; `instead` is the registration that it replaces. */
export function addRegistration(family: object, registration: MethodRegistration, instead?: MethodRegistration): void {
  const registered = family as Registered;
  if (registered[REGISTRATIONS] === undefined) Object.defineProperty(family, REGISTRATIONS, { value: new Map() });
  const entries = registered[REGISTRATIONS] as Map<string, CountedRegistration>;
  const replaced = instead === undefined ? undefined : entries.get(keyOf(instead));
  if (instead !== undefined) removeRegistration(family, instead);
  const key = keyOf(registration);
  const entry = entries.get(key);
  if (entry !== undefined) {
    entry.uses += 1;
    return;
  }
  order += 1;
  const place = replaced?.order ?? order;
  entries.set(key, { registration, uses: 1, order: place });
  for (const listener of registered[LISTENERS] ?? []) listener(registration, place);
}

/** Removes a method from those that record in a family; returns whether any are left. */
export function removeRegistration(family: object, registration: MethodRegistration): boolean {
  const entries = (family as Registered)[REGISTRATIONS];
  const key = keyOf(registration);
  const entry = entries?.get(key);
  if (entry !== undefined) {
    entry.uses -= 1;
    if (entry.uses === 0) {
      entries?.delete(key);
      for (const listener of (family as Registered)[LISTENERS] ?? []) listener(registration, undefined);
    }
  }
  return entries !== undefined && entries.size > 0;
}

/** The methods that record in a family, in the order in which they were added. */
export function registrationsOf(family: object): readonly MethodRegistration[] {
  const entries = [...((family as Registered)[REGISTRATIONS]?.values() ?? [])];
  return entries.sort((a, b) => a.order - b.order).map(({ registration }) => registration);
}

/**
 * Calls a listener whenever a method is added to those that record in a family, or removed. Returns a function that
 * removes the listener.
 */
export function followRegistrations(family: object, listener: RegistrationListener): () => void {
  const registered = family as Registered;
  if (registered[LISTENERS] === undefined) Object.defineProperty(family, LISTENERS, { value: new Set() });
  const listeners = registered[LISTENERS] as Set<RegistrationListener>;
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Calls a listener for every method that records in a family now. */
export function eachRegistration(family: object, listener: RegistrationListener): void {
  for (const { registration, order } of (family as Registered)[REGISTRATIONS]?.values() ?? []) {
    listener(registration, order);
  }
}

/** Makes a merged family have the registrations of its current parts. */
export function joinRegistrations(family: object, parts: () => readonly object[]): void {
  const get = () => new Map(parts().flatMap((part) => [...((part as Registered)[REGISTRATIONS] ?? [])]));
  Object.defineProperty(family, REGISTRATIONS, { get });
}

/** The registrations of a family in another thread, kept up to date by what a listener there reports. */
export class RegistrationList {
  private readonly entries = new Map<string, CountedRegistration>();

  readonly update: RegistrationListener = (registration, order) => {
    const key = keyOf(registration);
    if (order === undefined) this.entries.delete(key);
    else this.entries.set(key, { registration, uses: 1, order });
  };

  /** Makes these the registrations of the object that represents the family in this thread. */
  attachTo(family: object): void {
    Object.defineProperty(family, REGISTRATIONS, { value: this.entries, configurable: true });
  }
}

function keyOf({ decorator, class: className, method, objective }: MethodRegistration): string {
  return JSON.stringify([decorator, className, method, objective?.target, objective?.latency]);
}
