import { ParseError, show } from '../../model/errors.js';
import type { Exemplar } from '../../model/exemplar.js';
import type { FamilySnapshot, Sample } from '../../model/family.js';
import { FAMILY_TYPES, type FamilyType } from '../../model/family-types.js';
import { FamilyBook, type FamilyRules } from './families.js';
import { LineScanner, OPENMETRICS, OPENMETRICS_EXPOSED, readHelp } from './line-scanner.js';
import { openMetricsRules } from './openmetrics-rules.js';
import {
  type LabelSet,
  parseSeconds,
  parseValue,
  readLabelSet,
  readMetricName,
  readSeries,
  VALUE_SPELLINGS,
} from './series-line.js';

export interface OpenMetricsParseOptions {
  /**
   * Whether to apply the rules for exposers too, whose violations a parser must accept: bounds and ranks must be
   * canonical numbers, metadata in the order TYPE, UNIT, HELP, and backslashes and quotes escaped. For tests of one's
   * own pages. Default: false.
   */
  readonly asExposed?: boolean;
}

/**
 * Parses a page in OpenMetrics 1.0.0 (also 0.0.1). Timestamps, which are seconds on the page, become milliseconds;
 * `_created` samples remain samples, in seconds. A counter's name ends in `_total`, as in the text format.
 *
 * Throws ParseError with the line where the page violates the specification: its ABNF, or the rules for metadata, order
 * and values of each type. A rule for several lines, such as the required `+Inf` bucket, is reported at the last of
 * them.
 */
export function parseOpenMetrics(page: string, options: OpenMetricsParseOptions = {}): FamilySnapshot[] {
  const { asExposed = false } = options;
  return readOpenMetrics(page, openMetricsRules(asExposed), asExposed);
}

/** Parses a page by the caller's rules, which may also record the lines of samples. */
export function readOpenMetrics(page: string, rules: FamilyRules, asExposed = false): FamilySnapshot[] {
  const scanner = new LineScanner(page, asExposed ? OPENMETRICS_EXPOSED : OPENMETRICS);
  const book = new FamilyBook(rules);
  const metadata = new MetadataReader(scanner, book, asExposed);
  while (scanner.nextLine()) {
    if (scanner.done) scanner.reject('expected no blank lines, found one');
    if (!scanner.take('#')) book.add(readSample(scanner), scanner.line);
    else if (metadata.read() === 'EOF') {
      if (scanner.nextLine()) scanner.reject('unexpected line after "# EOF"');
      return book.finish();
    }
  }
  throw new ParseError('expected "# EOF" as the last line, found the end of the page', scanner.line + 1);
}

function readSample(scanner: LineScanner): Sample {
  const { name, labels } = readSeries(scanner);
  const value = readValue(scanner, 'after', name);
  if (scanner.done) return { name, labels, value };
  scanner.expect(' ', 'a space after the value');
  if (scanner.take('#')) return { name, labels, value, exemplar: readExemplar(scanner) };
  const timestamp = readTimestamp(scanner);
  if (scanner.done) return { name, labels, value, timestamp };
  scanner.expect(' ', 'a space after the timestamp');
  scanner.expect('#', '"#" and an exemplar, or the end of the line after the timestamp');
  return { name, labels, value, timestamp, exemplar: readExemplar(scanner) };
}

function readExemplar(scanner: LineScanner): Exemplar {
  const labels: LabelSet = {};
  scanner.expect(' ', 'a space before the labels of the exemplar');
  readLabelSet(scanner, labels);
  const value = readValue(scanner, 'after the labels of the exemplar');
  if (scanner.done) return { labels, value };
  scanner.expect(' ', 'a space after the value of the exemplar');
  const timestamp = readTimestamp(scanner);
  if (!scanner.done) scanner.fail('the end of the line after the exemplar');
  return { labels, value, timestamp };
}

function readValue(scanner: LineScanner, where: string, name?: string): number {
  const at = () => (name === undefined ? where : `${where} ${show(name)}`);
  if (!scanner.take(' ')) scanner.fail(`a space and a value ${at()}`);
  const word = scanner.word();
  return parseValue(word) ?? scanner.reject(`expected ${VALUE_SPELLINGS} ${at()}, found ${show(word)}`);
}

function readTimestamp(scanner: LineScanner): number {
  const word = scanner.word();
  return parseSeconds(word) ?? scanner.reject(`expected a timestamp in seconds, a decimal number, found ${show(word)}`);
}

const KEYWORDS = ['TYPE', 'UNIT', 'HELP'];
const UNIT = /[a-zA-Z0-9_:]*/y;

/** Reads the lines of OpenMetrics that begin with `#` (sections ABNF and MetricFamily metadata). */
export class MetadataReader {
  private lastName: string | undefined;
  private lastRank = -1;

  constructor(
    private readonly scanner: LineScanner,
    private readonly book: FamilyBook,
    /** Whether TYPE, UNIT and HELP must come in this order, as exposers should write them. */
    private readonly ordered: boolean,
  ) {}

  /** Reads the line after its `#`, and returns the keyword. */
  read(): string {
    const { scanner } = this;
    scanner.expect(' ', 'a space after "#"');
    const keyword = scanner.word();
    if (keyword === 'EOF') {
      if (!scanner.done) scanner.fail('the end of the line after "# EOF"');
      return keyword;
    }
    if (!KEYWORDS.includes(keyword)) {
      scanner.reject(`expected TYPE, UNIT, HELP or EOF after "# ", as there are no comments, found ${show(keyword)}`);
    }
    this.readMetadata(keyword);
    return keyword;
  }

  private readMetadata(keyword: string): void {
    const { scanner, book } = this;
    scanner.expect(' ', `a space and a metric name after ${keyword}`);
    const name = readMetricName(scanner);
    scanner.expect(' ', `a space after metric name ${show(name)}`);
    if (this.ordered) this.checkOrder(keyword, name);
    const family = book.describe(name, scanner.line);
    if (keyword === 'TYPE') family.setType(this.readType(), scanner.line);
    else if (keyword === 'UNIT') family.setUnit(this.readUnit(), scanner.line);
    else family.setHelp(readHelp(scanner), scanner.line);
  }

  private readType(): FamilyType {
    const { scanner } = this;
    const word = scanner.word();
    const type =
      FAMILY_TYPES.find((known) => known === word) ??
      scanner.reject(`expected one of the types ${FAMILY_TYPES.join(', ')}, found ${show(word)}`);
    if (!scanner.done) scanner.fail('the end of the line after the type');
    return type;
  }

  private readUnit(): string {
    const { scanner } = this;
    const unit = scanner.match(UNIT);
    if (!scanner.done) scanner.fail('a unit of [a-zA-Z0-9_:] up to the end of the line');
    return unit;
  }

  private checkOrder(keyword: string, name: string): void {
    const rank = KEYWORDS.indexOf(keyword);
    if (name === this.lastName && rank < this.lastRank) {
      this.scanner.reject(
        `expected the metadata of metric ${show(name)} in the order ${KEYWORDS.join(', ')}, found ${keyword} too late`,
      );
    }
    this.lastName = name;
    this.lastRank = rank;
  }
}
