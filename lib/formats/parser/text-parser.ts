import { ParseError, show } from '../../model/errors.js';
import type { FamilySnapshot, Sample } from '../../model/family.js';
import { type FamilyType, reservedLabelOf, TYPE_RULES } from '../../model/family-types.js';
import { FamilyBook, type FamilyRules, partLabel, type SampleCheck } from './families.js';
import { LineScanner, readHelp, TEXT } from './line-scanner.js';
import { HistogramCheck, SummaryCheck } from './series-checks.js';
import {
  labelOf,
  labelsKey,
  parseMilliseconds,
  parseValue,
  readMetricName,
  readSeries,
  VALUE_SPELLINGS,
} from './series-line.js';

/** The types of this format by name. */
const TYPES = new Map<string, FamilyType>(
  (['counter', 'gauge', 'histogram', 'summary', 'unknown'] as const).map((type) => [TYPE_RULES[type].textType, type]),
);

/**
 * Parses a page in Prometheus' text format 0.0.4 (also 1.0.0, which adds quoted names). Timestamps are milliseconds;
 * the format's `untyped` becomes `unknown`; comments are ignored.
 *
 * Throws ParseError with the line where the page violates the format (Prometheus documentation, Exposition formats,
 * Text format details), which includes families with scattered lines, duplicate series, and histograms without `+Inf`.
 */
export function parseText(page: string): FamilySnapshot[] {
  return readText(page, TEXT_RULES);
}

/** Parses a page by the caller's rules, which may also record the lines of samples. */
export function readText(page: string, rules: FamilyRules): FamilySnapshot[] {
  const scanner = new LineScanner(page, TEXT);
  const book = new FamilyBook(rules);
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
    scanner.fail(`a blank after metric name ${show(name)}, which must be quoted if it contains other characters`);
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
  if (scanner.done) scanner.fail(`a value after ${show(name)}`);
  const word = scanner.word();
  const value =
    parseValue(word) ?? scanner.reject(`expected ${VALUE_SPELLINGS} after ${show(name)}, found ${show(word)}`);
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

/** The families of text 0.0.4 (sections Grouping and sorting, Histograms and summaries). */
export const TEXT_RULES: FamilyRules = {
  suffixes: (type) => TYPE_RULES[type].suffixes,
  snapshotName: (name) => name,
  check(name, type) {
    return reservedLabelOf(type) === undefined ? new PlainCheck() : new ComposedCheck(name, type);
  },
};

/** For counters, gauges and untyped families: each line is a separate series. */
class PlainCheck implements SampleCheck {
  private readonly seen = new Set<string>();

  add(sample: Sample, _suffix: string, line: number): void {
    const key = labelsKey(sample.labels);
    if (this.seen.has(key)) {
      throw new ParseError(`expected each series once, found ${show(sample.name)} with the same labels twice`, line);
    }
    this.seen.add(key);
  }

  end(): void {}
}

/** For histograms and summaries: a series has several lines, and those of several series may be mixed. */
class ComposedCheck implements SampleCheck {
  private readonly parts = new Map<string, HistogramCheck | SummaryCheck>();

  constructor(
    private readonly name: string,
    private readonly type: FamilyType,
  ) {}

  add(sample: Sample, suffix: string, line: number): void {
    const label = partLabel(this.name, this.type, suffix);
    const reserved = reservedLabelOf(this.type);
    if (label === undefined && reserved !== undefined && labelOf(sample.labels, reserved) !== undefined) {
      throw new ParseError(`expected ${show(sample.name)} to have no label "${reserved}", found one`, line);
    }
    const key = labelsKey(sample.labels, label);
    let part = this.parts.get(key);
    if (!part) {
      part = this.makePart();
      this.parts.set(key, part);
    }
    part.add(sample, suffix, line);
  }

  end(): void {
    for (const part of this.parts.values()) {
      if (part instanceof HistogramCheck) part.end();
    }
  }

  private makePart(): HistogramCheck | SummaryCheck {
    const title = `${this.type} ${show(this.name)}`;
    return TYPE_RULES[this.type].lines === 'buckets'
      ? new HistogramCheck(title, { sumWithCount: false })
      : new SummaryCheck(title, true);
  }
}
