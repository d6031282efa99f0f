import { show } from '../../model/errors.js';
import { readQuoted } from './escapes.js';
import { addLabel, type LabelSet } from './label-set.js';
import type { LineScanner } from './line-scanner.js';

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
    if (scanner.peek() !== '"') scanner.fail('a metric name before the brace, or one in double quotes behind it');
    const name = readMetricName(scanner);
    scanner.skipBlanks();
    if (scanner.take('}')) return { name, labels };
    scanner.expect(',', '"," or "}" behind the metric name, which stands first in the braces');
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

/** Reads a metric name; one with other characters than `[a-zA-Z0-9_:]` stands in double quotes. */
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
    scanner.expect(',', '"," or "}" behind a label');
    afterComma = true;
  }
}

function readLabel(scanner: LineScanner, labels: LabelSet): void {
  const name = scanner.peek() === '"' ? readQuoted(scanner, 'a label name') : scanner.match(LABEL_NAME);
  if (name === '') scanner.fail('a label name, in double quotes if it has other characters than [a-zA-Z0-9_]');
  scanner.skipBlanks();
  if (!scanner.take('=')) scanner.fail(`"=" behind label name ${show(name)}`);
  scanner.skipBlanks();
  const value = readQuoted(scanner, 'the value of label', name);
  if (name === '__name__') scanner.reject('expected the metric name outside of the labels, found label "__name__"');
  if (!addLabel(labels, name, value)) scanner.reject(`expected each label once, found ${show(name)} twice`);
}
