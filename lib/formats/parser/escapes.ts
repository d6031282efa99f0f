import { show } from '../../model/errors.js';
import type { LineScanner } from './line-scanner.js';

const UP_TO_QUOTE = /[^"\\\n]*/y;
const UP_TO_BACKSLASH = /[^\\\n]*/y;

/** Reads a text in double quotes, such as a UTF-8 name or the value of label `of`, and resolves its escapes. */
export function readQuoted(scanner: LineScanner, what: string, of?: string): string {
  // The messages are put together only where they are needed: this runs for every label of a page.
  if (!scanner.take('"')) scanner.fail(`${what}${of === undefined ? '' : ` ${show(of)}`} in double quotes`);
  let text = scanner.match(UP_TO_QUOTE);
  while (!scanner.take('"')) {
    if (!scanner.take('\\')) scanner.fail(`a double quote behind ${what}${of === undefined ? '' : ` ${show(of)}`}`);
    text += readEscape(scanner, true) + scanner.match(UP_TO_QUOTE);
  }
  return text;
}

/** Reads the rest of the line as a help text and resolves its escapes. */
export function readHelp(scanner: LineScanner): string {
  const { helpQuoteBare, helpQuoteEscape } = scanner.grammar;
  const plain = helpQuoteBare ? UP_TO_BACKSLASH : UP_TO_QUOTE;
  let text = scanner.match(plain);
  while (!scanner.done) {
    if (!scanner.take('\\')) scanner.fail('a double quote in a help text to be escaped');
    text += readEscape(scanner, helpQuoteEscape) + scanner.match(plain);
  }
  return text;
}

/** Reads what stands behind a backslash. */
function readEscape(scanner: LineScanner, quote: boolean): string {
  if (scanner.take('n')) return '\n';
  if (scanner.take('\\')) return '\\';
  if (quote && scanner.take('"')) return '"';
  if (scanner.done || !scanner.grammar.unknownEscapes) {
    scanner.fail(`${quote ? '"\\", "n" or a double quote' : '"\\" or "n"'} behind a backslash`);
  }
  return '\\';
}
