/** What a marked method promises. */
export interface Objective {
  /** The share of calls, above 0 and below 1, that succeed (and, with a latency, in time). */
  readonly target: number;
  /** The most seconds that a call should take. One of the family's buckets, so that it can be counted. */
  readonly latency?: number;
}

/** A method that records into a family. */
export interface MethodRegistration {
  /** Without `@`: `Timed`. */
  readonly decorator: string;
  /** The class that declares the method; empty while it is not known, which only calls or instances can tell. */
  readonly class: string;
  readonly method: string;
  readonly objective?: Objective | undefined;
}

/** Kept on the family itself, so that every copy of promark in a process sees the marks of the others. */
const MARKS = Symbol.for('promark.marks.v1');

interface Marked {
  [MARKS]?: MethodRegistration[];
}

/** Notes that a method records into a family. Noting the same mark again changes nothing. */
export function addRegistration(family: object, mark: MethodRegistration): void {
  const marked = family as Marked;
  if (marked[MARKS] === undefined) Object.defineProperty(family, MARKS, { value: [] });
  if (marked[MARKS]?.includes(mark) === false) marked[MARKS].push(mark);
}

/** Takes a mark back; tells whether any are left. */
export function removeRegistration(family: object, mark: MethodRegistration): boolean {
  const marks = (family as Marked)[MARKS] ?? [];
  const at = marks.indexOf(mark);
  if (at >= 0) marks.splice(at, 1);
  return marks.length > 0;
}

/** The methods that record into a family, in the order in which they came. */
export function registrationsOf(family: object): readonly MethodRegistration[] {
  return (family as Marked)[MARKS] ?? [];
}
