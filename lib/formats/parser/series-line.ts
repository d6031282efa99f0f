import { show } from '../../model/errors.js';
import { type LineScanner, readQuoted } from './line-scanner.js';

/** The labels of a sample while they are being read. */
export type LabelSet = Record<string, string>;

/** Adds a label. Returns false if the set already has one of that name. */
export function addLabel(labels: LabelSet, name: string, value: string): boolean {
  if (Object.hasOwn(labels, name)) return false;
  // A page may have a label of this name, but assigning to it would not create a property.
  if (name === '__proto__')
    Object.defineProperty(labels, name, { value, enumerable: true, configurable: true, writable: true });
  else labels[name] = value;
  return true;
}

/** Returns the value of a label, but never an inherited property, such as `constructor`. */
export function labelOf(labels: Readonly<LabelSet>, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

/**
 * Returns a string that is the same for two label sets if and only if they identify the same series. Order does not
 * matter, an empty label counts as absent, and the label `except` is ignored.
 */
export function labelsKey(labels: Readonly<LabelSet>, except?: string): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  let key = '';
  for (const name of names) {
    const value = labelOf(labels, name);
    // Lengths, because a value could contain any separator.
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
 * Parses a sample's value; undefined if it is invalid. Both formats allow the same spellings: decimals with an optional
 * exponent, `inf` and `infinity` with an optional sign, `nan` without one, all in any case. Hexadecimal numbers, digits
 * grouped by `_` and numbers too large for a 64-bit float are invalid (text 0.0.4: Go's ParseFloat before Go 1.13;
 * OpenMetrics 1.0, sections ABNF and Numbers).
 */
export function parseValue(text: string): number | undefined {
  if (REAL.test(text)) return finite(Number(text));
  if (INFINITE.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return NOT_A_NUMBER.test(text) ? Number.NaN : undefined;
}

/** Parses a timestamp of text 0.0.4: whole milliseconds that fit 64 bits. Undefined if it is invalid. */
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
 * Parses a timestamp of OpenMetrics, in seconds, and returns milliseconds; undefined if it is invalid. The decimal
 * point is shifted in the string, because multiplying 1520879607.789 would yield a number ending in 788.9999.
 */
export function parseSeconds(text: string): number | undefined {
  if (!REAL.test(text)) return undefined;
  const exponent = /[eE]/.test(text);
  return finite((exponent ? Number(text) * 1000 : Number(`${text}e3`)) + 0);
}

/**
 * Formats a bound or rank as exposers must: the shortest digits in the form of Go's `%g`, followed by `.0` if there is
 * neither a point nor an exponent (OpenMetrics 1.0, section Considerations: Canonical Numbers). Independent of the
 * formats' own function, so that parsing their pages reveals errors in it.
 */
export function canonicalNumber(value: number): string {
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

/** The start of a sample's line, which identifies its series. */
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
