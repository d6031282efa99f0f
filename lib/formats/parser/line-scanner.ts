import { ConfigError, ParseError, show } from '../../model/errors.js';
import { isWellFormed } from '../../model/names.js';

/** How the two text formats differ in the grammar of lines. */
export interface Grammar {
  /**
   * Whether tokens may be separated by any number of blanks and tabs; otherwise, by single spaces where the grammar has
   * them.
   */
  readonly blanks: boolean;
  /** Whether a comma may follow the last label. */
  readonly trailingComma: boolean;
  /** Whether a backslash before a character that needs no escape is taken literally, rather than an error. */
  readonly unknownEscapes: boolean;
  /** Whether a double quote in a help text may be escaped. */
  readonly helpQuoteEscape: boolean;
  /** Whether a double quote in a help text may be unescaped. */
  readonly helpQuoteUnescaped: boolean;
  /** The line that may end the page without a line feed. */
  readonly openEnd?: string;
}

/** Text 0.0.4 (Prometheus documentation, Exposition formats, Text format details). */
export const TEXT: Grammar = {
  blanks: true,
  trailingComma: true,
  unknownEscapes: false,
  helpQuoteEscape: false,
  helpQuoteUnescaped: true,
};

/** OpenMetrics 1.0, sections ABNF and Escaping, with what its conformance tests require a parser to accept. */
export const OPENMETRICS: Grammar = {
  blanks: false,
  trailingComma: false,
  unknownEscapes: true,
  helpQuoteEscape: true,
  helpQuoteUnescaped: true,
  // ABNF: exposition = metricset HASH SP eof [ LF ].
  openEnd: '# EOF',
};

/** OpenMetrics 1.0 as an exposer must write it. */
export const OPENMETRICS_EXPOSED: Grammar = { ...OPENMETRICS, unknownEscapes: false, helpQuoteUnescaped: false };

const UP_TO_QUOTE = /[^"\\\n]*/y;
const UP_TO_BACKSLASH = /[^\\\n]*/y;

/**
 * Reads a string in double quotes, such as a UTF-8 name or the value of a label, and resolves its escapes. `what` and
 * the quoted `of` describe it in messages.
 */
export function readQuoted(scanner: LineScanner, what: string, of?: string): string {
  // Messages are built only on failure, because this runs for every label of a page.
  if (!scanner.take('"')) scanner.fail(`${what}${of === undefined ? '' : ` ${show(of)}`} in double quotes`);
  let text = scanner.match(UP_TO_QUOTE);
  while (!scanner.take('"')) {
    if (!scanner.take('\\')) scanner.fail(`a double quote after ${what}${of === undefined ? '' : ` ${show(of)}`}`);
    text += readEscape(scanner, true) + scanner.match(UP_TO_QUOTE);
  }
  return text;
}

/** Reads the rest of the line as a help text and resolves its escapes. */
export function readHelp(scanner: LineScanner): string {
  const { helpQuoteUnescaped, helpQuoteEscape } = scanner.grammar;
  const plain = helpQuoteUnescaped ? UP_TO_BACKSLASH : UP_TO_QUOTE;
  let text = scanner.match(plain);
  while (!scanner.done) {
    if (!scanner.take('\\')) scanner.fail('a double quote in a help text to be escaped');
    text += readEscape(scanner, helpQuoteEscape) + scanner.match(plain);
  }
  return text;
}

/** Reads the rest of an escape sequence after the backslash. */
function readEscape(scanner: LineScanner, quote: boolean): string {
  if (scanner.take('n')) return '\n';
  if (scanner.take('\\')) return '\\';
  if (quote && scanner.take('"')) return '"';
  if (scanner.done || !scanner.grammar.unknownEscapes) {
    scanner.fail(`${quote ? '"\\", "n" or a double quote' : '"\\" or "n"'} after a backslash`);
  }
  return '\\';
}

const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = 0xfeff;
const BLANKS = /[ \t]*/y;
const WORD_BETWEEN_BLANKS = /[^ \t\n]*/y;
const WORD_BETWEEN_SPACES = /[^ \n]*/y;

/**
 * Reads a page line by line, and each line token by token. It never looks back or past the end of the line, so a page
 * is read in linear time, and every error is reported with its line and the text found there.
 */
export class LineScanner {
  /** The current line, counted from 1; 0 before the first. */
  line = 0;
  private at = 0;
  private end = -1;

  constructor(
    private readonly page: string,
    readonly grammar: Grammar,
  ) {
    if (typeof page !== 'string') throw new ConfigError(`A page must be a string, got ${show(page)}.`);
    if (page.charCodeAt(0) === BYTE_ORDER_MARK) {
      throw new ParseError('expected a page without a byte order mark, found one at its beginning', 1);
    }
    if (!isWellFormed(page))
      throw new ParseError('expected text that has a UTF-8 form, found a lone surrogate', lineOfSurrogate(page));
  }

  /** Moves to the next line. Returns false if there is none. */
  nextLine(): boolean {
    const start = this.end + 1;
    if (start >= this.page.length) return false;
    this.line += 1;
    let end = this.page.indexOf('\n', start);
    if (end < 0 && this.page.slice(start) === this.grammar.openEnd) end = this.page.length;
    if (end < 0) this.reject('expected a line feed after the last line, found the end of the page');
    if (end > start && this.page.charCodeAt(end - 1) === CARRIAGE_RETURN) {
      this.reject('expected a line feed alone at the end of the line, found a carriage return before it');
    }
    this.at = start;
    this.end = end;
    return true;
  }

  /** Whether the line has been read to its end. */
  get done(): boolean {
    return this.at === this.end;
  }

  /** Returns the next character, or the empty string at the end of the line. */
  peek(): string {
    return this.at < this.end ? this.page.charAt(this.at) : '';
  }

  /** Reads the given character if it is next. Returns whether it was. */
  take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.at += 1;
    return true;
  }

  /** Reads the given character, or rejects the page. */
  expect(character: string, what: string): void {
    if (!this.take(character)) this.fail(what);
  }

  /** Reads what a sticky pattern matches; the pattern must not match a line feed. */
  match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.page)) return '';
    const text = this.page.slice(this.at, pattern.lastIndex);
    this.at = pattern.lastIndex;
    return text;
  }

  /** Skips blanks and tabs where the format allows them between tokens. */
  skipBlanks(): void {
    if (!this.grammar.blanks) return;
    const next = this.peek();
    if (next === ' ' || next === '\t') this.match(BLANKS);
  }

  /** Reads up to the next space (or tab, if the format accepts it). */
  word(): string {
    return this.match(this.grammar.blanks ? WORD_BETWEEN_BLANKS : WORD_BETWEEN_SPACES);
  }

  /** Rejects the page: says what was expected here and shows what was found. */
  fail(expected: string): never {
    const found = this.done ? 'the end of the line' : show(this.page.slice(this.at, Math.min(this.end, this.at + 40)));
    this.reject(`expected ${expected}, found ${found}`);
  }

  /** Rejects the page at this line. */
  reject(message: string): never {
    throw new ParseError(message, this.line);
  }
}

function lineOfSurrogate(page: string): number {
  return page.split('\n').findIndex((line) => !isWellFormed(line)) + 1;
}
