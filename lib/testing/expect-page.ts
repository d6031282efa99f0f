import { AssertionError } from 'node:assert';
import { type FamilySnapshot, ParseError, parseText, type Sample } from '../index.js';
import { parseBound } from '../model/canonical-float.js';
import { show } from '../model/errors.js';
import { familiesOf, type SampleSource, sampleText } from './samples.js';

/**
 * Compares families with a page in the text format, as `CollectAndCompare` of the Go client does. Families and series may
 * come in any order, and the text may be indented. `# HELP` and `# TYPE` are compared if the text has them. Timestamps and
 * exemplars are not compared.
 *
 * Throws AssertionError with both pages, so that the test runner shows how they differ.
 *
 * @param names The names of the families to compare. Default: those in the text. Name a family that is not in the text to
 * check that the page does not have it.
 *
 * @example
 * await expectPage(register, `
 *   # TYPE orders_total counter
 *   orders_total{tier="gold"} 1
 * `);
 */
export async function expectPage(source: SampleSource, text: string, names?: readonly string[]): Promise<void> {
  const mismatch = await comparePage(source, text, names);
  if (mismatch === undefined) return;
  throw new AssertionError({ ...mismatch, operator: 'expectPage', stackStartFn: expectPage });
}

/** How two pages differ. */
export interface PageMismatch {
  readonly message: string;
  readonly actual: string;
  readonly expected: string;
}

/** Compares as `expectPage` does. Returns undefined if there is no difference. */
export async function comparePage(
  source: SampleSource,
  text: string,
  names?: readonly string[],
): Promise<PageMismatch | undefined> {
  const wanted = parseExpected(text);
  const compared = new Set(names ?? wanted.map(({ name }) => name));
  const found = (await familiesOf(source)).filter(({ name }) => compared.has(name));
  const byName = new Map(wanted.map((family) => [family.name, family]));
  const expected = pageOf(wanted);
  // Ignores help and type where the text has none.
  const actual = pageOf(found.map((family) => ({ ...family, ...unmentioned(byName.get(family.name)) })));
  if (actual === expected) return undefined;
  return { message: `The page differs from the expected one.\n\n${differences(actual, expected)}`, actual, expected };
}

function unmentioned(wanted: FamilySnapshot | undefined): Partial<FamilySnapshot> {
  if (wanted === undefined) return {};
  return { ...(wanted.help === '' && { help: '' }), ...(wanted.type === 'unknown' && { type: 'unknown' }) };
}

function parseExpected(text: string): FamilySnapshot[] {
  if (typeof text !== 'string') {
    const message = `The expected page must be a string, got ${show(text)}.`;
    throw new AssertionError({ message, operator: 'expectPage', stackStartFn: parseExpected });
  }
  const lines = text.split('\n').map((line) => line.trim());
  try {
    return parseText(`${lines.join('\n')}\n`);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const message = `The expected text is not in the text format: ${error.message}\n  ${lines[error.line - 1] ?? ''}`;
    throw new AssertionError({ message, operator: 'expectPage', stackStartFn: parseExpected });
  }
}

/** Renders a page in an order of its own, so that equal families give equal pages. */
function pageOf(families: readonly FamilySnapshot[]): string {
  const sorted = [...families].sort((a, b) => compare(a.name, b.name));
  return sorted.flatMap(linesOf).join('\n');
}

function linesOf({ name, type, help, samples }: FamilySnapshot): string[] {
  const lines = samples.map((sample) => sampleText({ ...sample, labels: sortedLabels(sample) }));
  return [
    ...(help === '' ? [] : [`# HELP ${name} ${help}`]),
    ...(type === 'unknown' ? [] : [`# TYPE ${name} ${type}`]),
    ...inOrder(samples, lines),
  ];
}

/** Sorts lines by series; bounds and quantiles stay in numerical order. */
function inOrder(samples: readonly Sample[], lines: readonly string[]): string[] {
  const keys = samples.map(({ name, labels: { le, quantile, ...labels } }) => {
    const bound = parseBound(le ?? quantile ?? '');
    return { series: JSON.stringify([Object.entries(labels).sort(), name]), bound };
  });
  const order = lines.map((_, i) => i);
  order.sort((a, b) => compare(keys[a].series, keys[b].series) || keys[a].bound - keys[b].bound);
  return order.map((i) => lines[i]);
}

function sortedLabels({ labels }: Sample): Sample['labels'] {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => compare(a, b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Returns the lines that only one of the pages has. */
function differences(actual: string, expected: string): string {
  const [have, want] = [actual.split('\n'), expected.split('\n')];
  const missing = want.filter((line) => !have.includes(line)).map((line) => `- ${line}`);
  const surplus = have.filter((line) => !want.includes(line)).map((line) => `+ ${line}`);
  return ['- expected', '+ on the page', '', ...missing, ...surplus].join('\n');
}
