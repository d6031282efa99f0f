import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseOpenMetrics } from '../../lib/formats/parser/openmetrics-parser.js';
import { parseText } from '../../lib/formats/parser/text-parser.js';
import { ParseError } from '../../lib/model/errors.js';
import type { FamilySnapshot, Sample } from '../../lib/model/family.js';
import type { FamilyType } from '../../lib/model/family-types.js';
import { runs } from '../support/property-runs.js';

type Format = 'text' | 'openmetrics';
type Labels = Record<string, string>;

const parsers = { text: parseText, openmetrics: parseOpenMetrics };
const formats: readonly Format[] = ['text', 'openmetrics'];

const textTypes: readonly FamilyType[] = ['counter', 'gauge', 'histogram', 'summary', 'unknown'];
const types = { text: textTypes, openmetrics: [...textTypes, 'info', 'stateset', 'gaugehistogram'] as FamilyType[] };

const awkward = ['\n', '"', '\\', '\\n', '{', '}', '=', ',', '#', ' # ', ' ', '\t', '\r', '\0', '_total', 'é', '💩'];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 6 })
  .map((parts) => parts.join(''));
const labelName = fc.oneof(
  fc.constantFrom('a', 'code', '__proto__', 'constructor', 'toString', '_', '0', '1b', 'ü.x'),
  hostile.map((text) => `x${text}`),
);
const draftSeries = fc.record({
  labels: fc.array(fc.tuple(labelName, hostile), { maxLength: 4 }).map((pairs): Labels => Object.fromEntries(pairs)),
  timestamp: fc.option(fc.integer({ min: 0, max: 2 ** 43 }), { nil: undefined }),
  value: fc.oneof(fc.double(), fc.integer(), fc.constantFrom(1e21, 1e-7, Number.MAX_VALUE, 5e-324)),
  positive: fc.double({ min: 0, noNaN: true }),
  count: fc.nat(),
  trace: fc.option(fc.string({ unit: 'binary', maxLength: 20 }), { nil: undefined }),
});
const draft = (format: Format) =>
  fc.record({
    name: fc.oneof(
      fc.constantFrom('_legacy', ':b', '_seconds'),
      hostile.map((text) => `.${text}`),
    ),
    type: fc.constantFrom(...types[format]),
    help: hostile.map((text) => `H${text}.`),
    series: fc.array(draftSeries, { maxLength: 3 }),
  });
type Draft = ReturnType<typeof draft> extends fc.Arbitrary<infer D> ? D : never;

const families = (format: Format): fc.Arbitrary<FamilySnapshot[]> =>
  fc.array(draft(format), { maxLength: 5 }).map((drafts) => drafts.map((each, at) => makeFamily(each, at, format)));

/** A family whose name begins with its index, so that no two families of a page share sample names. */
function makeFamily({ name, type, help, series }: Draft, at: number, format: Format): FamilySnapshot {
  const base = `f${at}${name}`;
  const total = type === 'counter' && format === 'openmetrics' ? '_total' : '';
  const samples = series.flatMap((each, row) =>
    makeSeries(base, type, format, each, { ...each.labels, row: String(row) }),
  );
  return {
    name: base + total,
    type,
    help,
    unit: name === '_seconds' && hasUnit(type, format) ? 'seconds' : '',
    samples,
  };
}

function hasUnit(type: FamilyType, format: Format): boolean {
  return format === 'openmetrics' && type !== 'info' && type !== 'stateset';
}

function makeSeries(
  base: string,
  type: FamilyType,
  format: Format,
  from: Draft['series'][number],
  labels: Labels,
): Sample[] {
  const { timestamp, value, positive, count, trace } = from;
  const exemplar = trace === undefined || format === 'text' ? {} : { exemplar: { labels: { trace }, value: 1.5 } };
  const line = (suffix: string, number: number, more: Labels = {}, extra = {}): Sample => ({
    name: base + suffix,
    labels: { ...labels, ...more },
    value: number,
    ...(timestamp === undefined ? {} : { timestamp }),
    ...extra,
  });
  if (type === 'counter' && format === 'openmetrics')
    return [line('_total', positive, {}, exemplar), line('_created', 1.25)];
  if (type === 'info') return [line('_info', 1)];
  if (type === 'stateset') return [line('', 1, { [base]: 'on' }), line('', 0, { [base]: '' })];
  if (type === 'summary') {
    return [
      line('', positive, { quantile: '0.5' }),
      line('', Number.NaN, { quantile: '1.0' }),
      line('_sum', positive),
      line('_count', count),
    ];
  }
  if (type === 'histogram' || type === 'gaugehistogram') {
    const letter = type === 'histogram' ? '' : 'g';
    const buckets = [line('_bucket', 0, { le: '1.0' }), line('_bucket', count, { le: '+Inf' }, exemplar)];
    return [...buckets, line(`_${letter}sum`, positive), line(`_${letter}count`, count)];
  }
  return [line('', value)];
}

const escaped = (text: string) => text.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`));
const quoted = (text: string) => `"${escaped(text)}"`;
const legacy = (text: string) => /^[a-z_][\w]*$/i.test(text);
const number = (value: number) => (Object.is(value, -0) ? '-0' : String(value).replace('Infinity', 'Inf'));
const seconds = (time: number) =>
  String(time)
    .padStart(4, '0')
    .replace(/(\d{3})$/, '.$1');
const pairs = (labels: Labels) =>
  Object.entries(labels).map(([name, value]) => `${legacy(name) ? name : quoted(name)}=${quoted(value)}`);

function printSample({ name, labels, value, timestamp, exemplar }: Sample, format: Format): string {
  const series = legacy(name) ? `${name}{${pairs(labels)}}` : `{${[quoted(name), ...pairs(labels)]}}`;
  const time = timestamp === undefined ? '' : ` ${format === 'text' ? timestamp : seconds(timestamp)}`;
  return `${series} ${number(value)}${time}${exemplar ? ` # {${pairs(exemplar.labels)}} ${exemplar.value}` : ''}`;
}

/** A printer that shares no code with the encoders, so that their faults cannot hide those of the parser. */
function print(page: readonly FamilySnapshot[], format: Format): string {
  const lines = page.flatMap(({ name, type, help, unit, samples }) => {
    const base = type === 'counter' && format === 'openmetrics' ? name.slice(0, -'_total'.length) : name;
    const shown = legacy(base) ? base : quoted(base);
    const typeWord = type === 'unknown' && format === 'text' ? 'untyped' : type;
    const helpText = format === 'text' ? help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n') : escaped(help);
    const unitLines = unit ? [`# UNIT ${shown} ${unit}`] : [];
    const metadata = [`# TYPE ${shown} ${typeWord}`, ...unitLines, `# HELP ${shown} ${helpText}`];
    return [...metadata, ...samples.map((sample) => printSample(sample, format))];
  });
  return [...lines, ...(format === 'text' ? [] : ['# EOF']), ''].join('\n');
}

/** Labels as entries: matchers may overlook a label named `__proto__`. */
const comparable = (page: readonly FamilySnapshot[]) =>
  page.map((family) => ({
    ...family,
    samples: family.samples.map((sample) => ({ ...sample, labels: Object.entries(sample.labels) })),
  }));

/** Small damages to a page: the position in thousandths, and what happens there. */
const damage = fc.array(
  fc.tuple(
    fc.nat(999),
    fc.constantFrom('delete', 'insert', 'replace', 'cut', 'repeat line', 'drop line', 'swap lines'),
    fc.constantFrom(...awkward, '1', '-', '.', 'e5', 'NaN', 'le="1"', '_bucket', '# TYPE ', '# EOF\n', '\ud800'),
  ),
  { minLength: 1, maxLength: 4 },
);

function harm(page: string, [place, kind, text]: [number, string, string]): string {
  const at = Math.floor((place / 1000) * page.length);
  if (kind === 'delete') return page.slice(0, at) + page.slice(at + 1);
  if (kind === 'insert') return page.slice(0, at) + text + page.slice(at);
  if (kind === 'replace') return page.slice(0, at) + text + page.slice(at + 1);
  if (kind === 'cut') return page.slice(0, at);
  const lines = page.split('\n');
  const row = Math.floor((place / 1000) * lines.length);
  if (kind === 'drop line') lines.splice(row, 1);
  else if (kind === 'repeat line') lines.splice(row, 0, lines[row] ?? '');
  else lines.splice(row, 2, lines[row + 1] ?? '', lines[row] ?? '');
  return lines.join('\n');
}

function errorOf(format: Format, page: string): unknown {
  try {
    parsers[format](page);
    return undefined;
  } catch (error) {
    return error;
  }
}

function expectFamiliesOrParseError(format: Format, page: string): void {
  const error = errorOf(format, page);
  if (error === undefined) return;
  expect(error).toBeInstanceOf(ParseError);
  const { line } = error as ParseError;
  expect(line).toBeGreaterThanOrEqual(1);
  expect(line).toBeLessThanOrEqual(page.split('\n').length);
}

describe.each(formats)('the parser of %s', (format) => {
  test('returns the families that a page was printed from', () => {
    fc.assert(
      fc.property(families(format), (page) => {
        expect(comparable(parsers[format](print(page, format)))).toStrictEqual(comparable(page));
      }),
      { numRuns: runs(100) },
    );
  });

  test('returns families or throws a ParseError with a line number for a damaged page', () => {
    fc.assert(
      fc.property(families(format), damage, (page, harms) => {
        expectFamiliesOrParseError(format, harms.reduce(harm, print(page, format)));
      }),
      { numRuns: runs(300) },
    );
  });

  test('returns families or throws a ParseError for any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (page) => expectFamiliesOrParseError(format, page)),
      { numRuns: runs(200) },
    );
  });

  // With quadratic work each of these would take minutes, longer than the time limit of a test.
  test.each([
    ['digits', () => `a ${'1'.repeat(1e6)}x\n`],
    ['a timestamp', () => `a 1 ${'0'.repeat(1e6)}9223372036854775807\n`],
    ['an open quote', () => `a{b="${'x'.repeat(1e6)}\n`],
    ['escapes', () => `a{b="${'\\\\'.repeat(1e6)}"} 1\n`],
    ['many quoted values', () => 'a{b="c"} 1\n'.repeat(2e5).replace(/c/g, 'd')],
    ['blanks', () => `${' '.repeat(1e6)}\n`],
    ['blank lines', () => '\n'.repeat(1e6)],
    ['labels', () => `a{${Array.from({ length: 1e5 }, (_, at) => `l${at}="1"`).join(',')}} 1\n`],
    ['families', () => Array.from({ length: 1e5 }, (_, at) => `m${at} 1\n`).join('')],
    ['help', () => `# HELP a ${'\\n'.repeat(1e6)}\n`],
  ])('takes time linear in the length of %s', (_what, page) => {
    expectFamiliesOrParseError(format, page());
  });
});
