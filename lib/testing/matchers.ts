import { comparePage } from './expect-page.js';
import {
  describeMismatch,
  familiesOf,
  findSample,
  type SampleLabels,
  type SampleSource,
  samplesOf,
} from './samples.js';

/** The matchers that `withSamples` adds to `expect`. The source is a registry, a page or a list of families. */
export interface SampleMatchers {
  /** Expects a sample with exactly these labels; with a value, expects that it has this value. */
  toHaveSample(name: string, labels?: SampleLabels, value?: number): Promise<void>;
  /** Expects families to match exposition text, as `expectPage` does. */
  toMatchPage(text: string, names?: readonly string[]): Promise<void>;
}

/** The result of `expect(registry)`, with the matchers for samples. */
export type SampleExpectation = SampleMatchers & { readonly not: SampleMatchers };

/** The part of a test runner's `expect` that is used here. */
export interface ExpectFunction {
  (actual: never): unknown;
  extend(matchers: never): unknown;
}

/**
 * An `expect` with the matchers. Strings and arrays, which may be sources, also keep the matchers of the test runner.
 */
export type ExpectWithSamples<E extends ExpectFunction> = ((
  actual: SampleSource,
) => SampleExpectation & ReturnType<E>) &
  E;

/** The result of a matcher, as Jest and Vitest expect it. */
interface MatcherResult {
  readonly pass: boolean;
  readonly actual?: unknown;
  readonly expected?: unknown;
  message(): string;
}

/** The `this` of a matcher. */
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
    ): Promise<MatcherResult> {
      const samples = samplesOf(await familiesOf(source));
      const actual = findSample(samples, name, labels)?.value;
      const pass = actual !== undefined && (value === undefined || Object.is(actual + 0, value + 0));
      const message = () =>
        pass
          ? `Expected no sample ${name} with the labels ${JSON.stringify(labels)}, but found ${actual}.`
          : describeMismatch(samples, name, labels, value);
      return { pass, message, ...(!pass && showsDifference && value !== undefined && { actual, expected: value }) };
    },
    async toMatchPage(
      this: MatcherContext,
      source: SampleSource,
      text: string,
      names?: readonly string[],
    ): Promise<MatcherResult> {
      const mismatch = await comparePage(source, text, names);
      if (mismatch === undefined) {
        return { pass: true, message: () => `Expected the page to differ, but it is the same:\n${text}` };
      }
      const { message, actual, expected } = mismatch;
      const difference = () => this.utils.diff(expected, actual) ?? message;
      return showsDifference
        ? { pass: false, message: () => 'The page differs from the expected one.', actual, expected }
        : { pass: false, message: difference };
    },
  };
}

/** Adds the matchers to an `expect`, and returns it with a type that has them. */
export function extendExpect<E extends ExpectFunction>(expect: E, showsDifference: boolean): ExpectWithSamples<E> {
  (expect as { extend(matchers: object): unknown }).extend(matchers(showsDifference));
  return expect as ExpectWithSamples<E>;
}
