import { show } from '../../model/errors.js';
import type { FamilySnapshot, FamilyType, Sample } from '../../model/family.js';
import { readHelp } from './escapes.js';
import { FamilyBook } from './family-book.js';
import { TEXT } from './grammar.js';
import { LineScanner } from './line-scanner.js';
import { parseMilliseconds, parseValue, VALUE_SPELLINGS } from './numbers.js';
import { readMetricName, readSeries } from './series-line.js';
import { TEXT_RULES } from './text-rules.js';

const TYPES = new Map<string, FamilyType>([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
]);

/**
 * Reads a page in Prometheus' text format 0.0.4 (also 1.0.0, which is the same with names of any characters in quotes).
 * Timestamps are milliseconds; what the format calls `untyped` is `unknown` here; comments are dropped.
 *
 * Throws ParseError with the line where the page breaks the format (Prometheus documentation, Exposition formats, Text
 * format details): also for families whose lines stand apart, series that stand twice, and histograms without `+Inf`.
 */
export function parseText(page: string): FamilySnapshot[] {
  const scanner = new LineScanner(page, TEXT);
  const book = new FamilyBook(TEXT_RULES);
  while (scanner.nextLine()) {
    scanner.skipBlanks();
    if (scanner.done) continue;
    if (scanner.take('#')) readComment(scanner, book);
    else book.add(readSample(scanner), scanner.line);
  }
  return book.finish();
}

function readComment(scanner: LineScanner, book: FamilyBook): void {
  scanner.skipBlanks();
  const keyword = scanner.word();
  if (keyword !== 'HELP' && keyword !== 'TYPE') return;
  scanner.skipBlanks();
  const name = readMetricName(scanner);
  if (!scanner.done && scanner.peek() !== ' ' && scanner.peek() !== '\t') {
    scanner.fail(`a blank behind metric name ${show(name)}, which has to stand in double quotes if it goes on`);
  }
  const family = book.describe(name, scanner.line);
  scanner.skipBlanks();
  if (keyword === 'HELP') family.setHelp(readHelp(scanner), scanner.line);
  else family.setType(readType(scanner), scanner.line);
}

function readType(scanner: LineScanner): FamilyType {
  const word = scanner.word();
  const type = TYPES.get(word);
  if (!type) scanner.reject(`expected one of the types ${[...TYPES.keys()].join(', ')}, found ${show(word)}`);
  readEnd(scanner);
  return type;
}

function readSample(scanner: LineScanner): Sample {
  const { name, labels } = readSeries(scanner);
  scanner.skipBlanks();
  if (scanner.done) scanner.fail(`a value behind ${show(name)}`);
  const word = scanner.word();
  const value =
    parseValue(word) ?? scanner.reject(`expected ${VALUE_SPELLINGS} behind ${show(name)}, found ${show(word)}`);
  scanner.skipBlanks();
  if (scanner.done) return { name, labels, value };
  if (scanner.peek() === '#') scanner.fail('no exemplar, which text 0.0.4 does not have');
  const time = scanner.word();
  const timestamp =
    parseMilliseconds(time) ?? scanner.reject(`expected a timestamp in whole milliseconds, found ${show(time)}`);
  readEnd(scanner);
  return { name, labels, value, timestamp };
}

function readEnd(scanner: LineScanner): void {
  scanner.skipBlanks();
  if (!scanner.done) scanner.fail('the end of the line');
}
