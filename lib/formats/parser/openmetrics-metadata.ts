import { show } from '../../model/errors.js';
import type { FamilyType } from '../../model/family.js';
import { readHelp } from './escapes.js';
import type { FamilyBook } from './family-book.js';
import type { LineScanner } from './line-scanner.js';
import { readMetricName } from './series-line.js';

const TYPES: readonly FamilyType[] = [
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'stateset',
  'info',
  'summary',
  'unknown',
];
const KEYWORDS = ['TYPE', 'UNIT', 'HELP'];
const UNIT = /[a-zA-Z0-9_:]*/y;

/** Reads the lines of OpenMetrics that begin with `#` (sections ABNF and MetricFamily metadata). */
export class MetadataReader {
  private lastName: string | undefined;
  private lastRank = -1;

  constructor(
    private readonly scanner: LineScanner,
    private readonly book: FamilyBook,
    /** Whether TYPE, UNIT and HELP have to come in this order, which exposers should keep to. */
    private readonly ordered: boolean,
  ) {}

  /** Reads what stands behind the `#` and gives the keyword. */
  read(): string {
    const { scanner } = this;
    scanner.expect(' ', 'a space behind "#"');
    const keyword = scanner.word();
    if (keyword === 'EOF') {
      if (!scanner.done) scanner.fail('the end of the line behind "# EOF"');
      return keyword;
    }
    if (!KEYWORDS.includes(keyword)) {
      scanner.reject(`expected TYPE, UNIT, HELP or EOF behind "# ", as there are no comments, found ${show(keyword)}`);
    }
    this.readMetadata(keyword);
    return keyword;
  }

  private readMetadata(keyword: string): void {
    const { scanner, book } = this;
    scanner.expect(' ', `a space and a metric name behind ${keyword}`);
    const name = readMetricName(scanner);
    scanner.expect(' ', `a space behind metric name ${show(name)}`);
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
      TYPES.find((known) => known === word) ??
      scanner.reject(`expected one of the types ${TYPES.join(', ')}, found ${show(word)}`);
    if (!scanner.done) scanner.fail('the end of the line behind the type');
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
