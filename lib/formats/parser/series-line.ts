import { show } from '../../model/errors.js';
import { type LineScanner, readQuoted } from './line-scanner.js';

/** The labels of a sample while they are being read. */
export type LabelSet = Record<string, string>;

/** Adds a label; false if the set has one of that name already. */
export function addLabel(labels: LabelSet, name: string, value: string): boolean {
  if (Object.hasOwn(labels, name)) return false;
  // Assigning to `__proto__` would set no property at all, and a page may have a label of that name.
  if (name === '__proto__')
    Object.defineProperty(labels, name, { value, enumerable: true, configurable: true, writable: true });
  else labels[name] = value;
  return true;
}

/** The value of a label, never one that every object inherits, such as `constructor`. */
export function labelOf(labels: Readonly<LabelSet>, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

/**
 * A string that two label sets share if and only if they name the same series. Order does not matter, an empty label
 * counts as absent, and the label named by `except` is left out.
 */
export function seriesKey(labels: Readonly<LabelSet>, except?: string): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  let key = '';
  for (const name of names) {
    const value = labelOf(labels, name);
    // Lengths instead of separators: a separator could stand in a value too.
    if (name !== except && value) key += `${name.length}:${name}${value.length}:${value}`;
  }
  return key;
}

// Every alternative begins with a character that the others cannot, so matching never backtracks far.
const REAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const NOT_A_NUMBER = /^nan$/i;
const INTEGER = /^[+-]?\d+$/;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** What `parseValue` accepts, for messages. */
export const VALUE_SPELLINGS = 'a decimal number that fits a 64-bit float, NaN, +Inf or -Inf';

/**
 * A sample's value, or undefined where the text is none. Both formats take the same spellings: decimal with an optional
 * exponent, `inf` and `infinity` with an optional sign, `nan` without one, all in any case. Hexadecimal numbers and
 * digits grouped by `_` are none, nor is a number too large for a 64-bit float (text 0.0.4: Go's ParseFloat as it was
 * before Go 1.13; OpenMetrics 1.0, sections ABNF and Numbers).
 */
export function parseValue(text: string): number | undefined {
  if (REAL.test(text)) return finite(Number(text));
  if (INFINITE.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return NOT_A_NUMBER.test(text) ? Number.NaN : undefined;
}

/** A timestamp of text 0.0.4: whole milliseconds that fit 64 bits. Undefined where the text is none. */
export function parseMilliseconds(text: string): number | undefined {
  if (!INTEGER.test(text)) return undefined;
  const rounded = Number(text);
  if (Math.abs(rounded) > 1e19) return undefined;
  if (!Number.isSafeInteger(rounded)) {
    const exact = BigInt(text.replace(/^([+-]?)0+/, '$1'));
    if (exact > INT64_MAX || exact < INT64_MIN) return undefined;
  }
  return rounded + 0;
}

/**
 * A timestamp of OpenMetrics, in milliseconds: seconds, whole or with a fraction. Undefined where the text is none.
 * The point is shifted in the text, because multiplying would make 1520879607.789 end in 788.9999.
 */
export function parseSeconds(text: string): number | undefined {
  if (!REAL.test(text)) return undefined;
  const exponent = /[eE]/.test(text);
  return finite((exponent ? Number(text) * 1000 : Number(`${text}e3`)) + 0);
}

/**
 * How an exposer must write a bucket's bound or a quantile: the shortest digits as Go's `%g` writes them, with `.0`
 * where there is neither point nor exponent (OpenMetrics 1.0, section Considerations: Canonical Numbers). The encoders'
 * own is not used here, so that a fault in it is found when their pages are parsed.
 */
export function canonicalFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [digits = '', power = ''] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6) {
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const plain = Object.is(value, -0) ? '-0' : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;

/** The beginning of a sample's line: all that names its series. */
export interface Series {
  readonly name: string;
  readonly labels: LabelSet;
}

/** Reads `name`, `name{label="value"}` or, for names of any characters, `{"name","label"="value"}`. */
export function readSeries(scanner: LineScanner): Series {
  const labels: LabelSet = {};
  if (scanner.take('{')) {
    scanner.skipBlanks();
    if (scanner.peek() !== '"') scanner.fail('a metric name before the brace, or a quoted one after it');
    const name = readMetricName(scanner);
    scanner.skipBlanks();
    if (scanner.take('}')) return { name, labels };
    scanner.expect(',', '"," or "}" after the metric name, which comes first in the braces');
    readLabels(scanner, labels, true);
    return { name, labels };
  }
  const name = scanner.match(METRIC_NAME);
  if (name === '')
    scanner.fail('a metric name, in braces and double quotes if it has other characters than [a-zA-Z0-9_:]');
  scanner.skipBlanks();
  if (scanner.peek() === '{') readLabelSet(scanner, labels);
  return { name, labels };
}

/** Reads a metric name; one with other characters than `[a-zA-Z0-9_:]` is in double quotes. */
export function readMetricName(scanner: LineScanner): string {
  const name = scanner.peek() === '"' ? readQuoted(scanner, 'a metric name') : scanner.match(METRIC_NAME);
  if (name === '') scanner.fail('a metric name, in double quotes if it has other characters than [a-zA-Z0-9_:]');
  return name;
}

/** Reads labels in braces, none or more. */
export function readLabelSet(scanner: LineScanner, labels: LabelSet): void {
  scanner.expect('{', '"{" before the labels');
  readLabels(scanner, labels, false);
}

function readLabels(scanner: LineScanner, labels: LabelSet, afterComma: boolean): void {
  for (;;) {
    scanner.skipBlanks();
    if ((!afterComma || scanner.grammar.trailingComma) && scanner.take('}')) return;
    readLabel(scanner, labels);
    scanner.skipBlanks();
    if (scanner.take('}')) return;
    scanner.expect(',', '"," or "}" after a label');
    afterComma = true;
  }
}

function readLabel(scanner: LineScanner, labels: LabelSet): void {
  const name = scanner.peek() === '"' ? readQuoted(scanner, 'a label name') : scanner.match(LABEL_NAME);
  if (name === '') scanner.fail('a label name, in double quotes if it has other characters than [a-zA-Z0-9_]');
  scanner.skipBlanks();
  if (!scanner.take('=')) scanner.fail(`"=" after label name ${show(name)}`);
  scanner.skipBlanks();
  const value = readQuoted(scanner, 'the value of label', name);
  if (name === '__name__') scanner.reject('expected the metric name outside of the labels, found label "__name__"');
  if (!addLabel(labels, name, value)) scanner.reject(`expected each label once, found ${show(name)} twice`);
}
