import { pageFault } from './expect-page.js';
import { familiesOf, findSample, type SampleLabels, type SampleSource, sampleFault, samplesOf } from './samples.js';

/** What `withSamples` adds to an `expect`. The source is a registry, a page or a list of families. */
export interface SampleMatchers {
  /** Expects a sample with exactly these labels; with a value, expects that it has this value. */
  toHaveSample(name: string, labels?: SampleLabels, value?: number): Promise<void>;
  /** Expects families to match exposition text, as `expectPage` does. */
  toMatchPage(text: string, names?: readonly string[]): Promise<void>;
}

/** `expect(registry)` of a test runner with the matchers for samples. */
export type SampleExpectation = SampleMatchers & { readonly not: SampleMatchers };

/** The part of a test runner's `expect` that is used. */
export interface ExpectFunction {
  (actual: never): unknown;
  extend(matchers: never): unknown;
}

/** An `expect` that also has the matchers. Strings and arrays, which may be sources, keep those of the test runner. */
export type ExpectWithSamples<E extends ExpectFunction> = ((
  actual: SampleSource,
) => SampleExpectation & ReturnType<E>) &
  E;

/** What a matcher returns to its test runner. */
interface Verdict {
  readonly pass: boolean;
  readonly actual?: unknown;
  readonly expected?: unknown;
  message(): string;
}

/** What a matcher finds in `this`. */
interface MatcherContext {
  readonly utils: { diff(expected: unknown, actual: unknown): string | null | undefined };
}

/**
 * Returns the matchers, for `expect.extend`.
 *
 * @param showsDifference Whether the runner itself shows the difference between `actual` and `expected`.
 */
function matchers(showsDifference: boolean) {
  return {
    async toHaveSample(
      source: SampleSource,
      name: string,
      labels: SampleLabels = {},
      value?: number,
    ): Promise<Verdict> {
      const samples = samplesOf(await familiesOf(source));
      const actual = findSample(samples, name, labels)?.value;
      const pass = actual !== undefined && (value === undefined || Object.is(actual + 0, value + 0));
      const message = () =>
        pass
          ? `There is a sample ${name} with the labels ${JSON.stringify(labels)}, ${actual}, but it is not expected.`
          : sampleFault(samples, name, labels, value);
      return { pass, message, ...(!pass && showsDifference && value !== undefined && { actual, expected: value }) };
    },
    async toMatchPage(
      this: MatcherContext,
      source: SampleSource,
      text: string,
      names?: readonly string[],
    ): Promise<Verdict> {
      const fault = await pageFault(source, text, names);
      if (fault === undefined) {
        return { pass: true, message: () => `The page is expected to differ, but is the same:\n${text}` };
      }
      const { message, actual, expected } = fault;
      const difference = () => this.utils.diff(expected, actual) ?? message;
      return showsDifference
        ? { pass: false, message: () => 'The page differs from what is expected.', actual, expected }
        : { pass: false, message: difference };
    },
  };
}

/** Adds the matchers to an `expect`, and returns it with a type that has them. */
export function extendExpect<E extends ExpectFunction>(expect: E, showsDifference: boolean): ExpectWithSamples<E> {
  (expect as { extend(given: object): unknown }).extend(matchers(showsDifference));
  return expect as ExpectWithSamples<E>;
}
