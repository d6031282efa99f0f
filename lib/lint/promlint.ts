import type { FamilySnapshot } from '../model/family.js';
import { TYPE_RULES, type TypeRules } from '../model/family-types.js';
import { type FamilyCheck, info, labelNamesOf, type Problem, sampleWith, warning } from './finding.js';

// The checks of promlint, which `promtool check metrics` runs, in its words, so that a message can be searched for.
// test/lint/promtool.test.ts compares both.

/** A type by its name in text 0.0.4, which promlint reads. */
type TextType = TypeRules['textType'];

/** Units by their base unit. */
const BASE_UNITS: Readonly<Record<string, readonly string[]>> = {
  amperes: ['amperes'],
  bytes: ['bytes', 'bits'],
  celsius: ['celsius', 'fahrenheit', 'rankine'],
  grams: ['grams', 'pounds', 'ounces'],
  joules: ['joules', 'calories'],
  kelvin: ['kelvin', 'kelvins'],
  meters: ['meters', 'inches', 'yards', 'miles'],
  metres: ['metres'],
  seconds: ['seconds', 'minutes', 'hours', 'days', 'weeks'],
  volts: ['volts'],
};

const PREFIXES = 'pico nano micro milli centi deci deca hecto kilo kibi mega mibi giga gibi tera tebi peta pebi'.split(
  ' ',
);

/** A word of a name such as `milliseconds`, with its base unit. */
const UNITS = new Map(
  Object.entries(BASE_UNITS).flatMap(([base, units]) =>
    units.flatMap((unit) => ['', ...PREFIXES].map((prefix) => [prefix + unit, base] as const)),
  ),
);

const ABBREVIATIONS = 's ms us ns sec b kb mb gb tb pb m h d'.split(' ');
const TYPES_IN_NAMES = ['counter', 'gauge', 'summary', 'histogram'];
const CAMEL_CASE = /[a-z][A-Z]/;

/** Suffixes and labels that only samples of certain types may have. */
const RESERVED_SUFFIXES: readonly (readonly [string, readonly TextType[], string])[] = [
  ['_bucket', ['histogram'], 'non-histogram metrics should not have "_bucket" suffix'],
  ['_count', ['histogram', 'summary'], 'non-histogram and non-summary metrics should not have "_count" suffix'],
  ['_sum', ['histogram', 'summary'], 'non-histogram and non-summary metrics should not have "_sum" suffix'],
];
const RESERVED_LABELS: readonly (readonly [string, TextType, string])[] = [
  ['le', 'histogram', 'non-histogram metrics should not have "le" label'],
  ['quantile', 'summary', 'non-summary metrics should not have "quantile" label'],
];

export const promlint: FamilyCheck = function* (family): Iterable<Problem> {
  const { name, help } = family;
  const { textType: type } = TYPE_RULES[family.type];
  if (help === '') yield warning('no-help', 'no help text', 'Say in a sentence what is measured, and in which unit.');
  yield* units(name);
  yield* totals(name, type);
  if (type !== 'untyped') yield* reserved(family, type);
  for (const word of TYPES_IN_NAMES) {
    if (!hasWord(name, word)) continue;
    yield info(
      'type-in-name',
      `metric name should not include type '${word}'`,
      `Leave "${word}" out: the type is on the page.`,
    );
  }
  if (name.includes(':')) {
    const remedy = 'Use underscores: colons mark the results of recording rules.';
    yield warning('colon', "metric names should not contain ':'", remedy);
  }
  if (CAMEL_CASE.test(name)) {
    yield info(
      'camel-case',
      "metric names should be written in 'snake_case' not 'camelCase'",
      `Name it ${snake(name)}.`,
    );
  }
  for (const label of labelNamesOf(family)) {
    if (!CAMEL_CASE.test(label)) continue;
    const sample = sampleWith(family, label);
    const text = "label names should be written in 'snake_case' not 'camelCase'";
    yield { ...info('camel-case-label', text, `Name the label ${snake(label)}, not ${label}.`), sample };
  }
  for (const short of ABBREVIATIONS) {
    if (!hasWord(name, short)) continue;
    const remedy = `Replace "_${short}" with the full name of a base unit: _seconds, _bytes.`;
    yield info('abbreviated-unit', 'metric names should not contain abbreviated units', remedy);
  }
};

function* units(name: string): Iterable<Problem> {
  for (const word of name.split('_')) {
    const base = UNITS.get(word);
    if (base === undefined) continue;
    if (base === word) return;
    const remedy = `Measure in ${base} and name the metric ${name.replace(word, base)}; dashboards choose the scale.`;
    yield warning('base-unit', `use base unit "${base}" instead of "${word}"`, remedy);
    return;
  }
}

function* totals(name: string, type: TextType): Iterable<Problem> {
  const hasTotal = name.endsWith('_total');
  if (type === 'counter' && !hasTotal) {
    yield warning('counter-total', 'counter metrics should have "_total" suffix', `Name it ${name}_total.`);
  } else if (type !== 'counter' && type !== 'untyped' && hasTotal) {
    const remedy = `Make it a counter if it only grows; otherwise name it ${name.replace(/_total$/, '')}.`;
    yield warning('total-of-non-counter', 'non-counter metrics should not have "_total" suffix', remedy);
  }
}

function* reserved(family: FamilySnapshot, type: TextType): Iterable<Problem> {
  for (const [suffix, types, message] of RESERVED_SUFFIXES) {
    if (types.includes(type) || !family.name.endsWith(suffix)) continue;
    const remedy = `Choose another suffix: ${suffix} belongs to samples of a ${types[0]}.`;
    yield warning('reserved-suffix', message, remedy);
  }
  for (const [label, owner, message] of RESERVED_LABELS) {
    const sample = type === owner ? undefined : sampleWith(family, label);
    if (sample === undefined) continue;
    yield {
      ...warning('reserved-label', message, `Rename the label: ${label} distinguishes samples of a ${owner}.`),
      sample,
    };
  }
}

/** Whether a name has a word between or after underscores, in any case. */
function hasWord(name: string, word: string): boolean {
  const lower = name.toLowerCase();
  return lower.includes(`_${word}_`) || lower.endsWith(`_${word}`);
}

function snake(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}
