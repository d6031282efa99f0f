/** One alternative of an `Accept` or `Accept-Encoding` header. */
export interface Choice {
  /** What may be sent, in lower case: `text/plain`, `gzip`. */
  readonly value: string;
  /** Its parameters, names and values in lower case and without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
  /** From 0, which refuses it, to 1. */
  readonly quality: number;
}

/** Maximum number of characters that are read. No scraper sends more than a few hundred. */
const MAX_LENGTH = 4096;

/**
 * Parses a header that lists alternatives with a quality each (RFC 9110, section 12.4.2), in their order. Reads any
 * string in linear time and never throws: an invalid alternative becomes one that nothing matches.
 */
export function parseQualityList(header: string): Choice[] {
  return split(readable(header), ',').map(parseChoice);
}

/** Returns the part that is read: only complete alternatives, because a truncated one may have lost its `q`. */
function readable(header: string): string {
  if (header.length <= MAX_LENGTH) return header;
  const end = header.lastIndexOf(',', MAX_LENGTH);
  return end < 0 ? '' : header.slice(0, end);
}

function parseChoice(text: string): Choice {
  const [value = '', ...rest] = split(text, ';');
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    if (equals < 0) continue;
    const name = parameter.slice(0, equals).trim().toLowerCase();
    parameters.set(name, unquoted(parameter.slice(equals + 1).trim()).toLowerCase());
  }
  return { value: value.trim().toLowerCase(), parameters, quality: qualityOf(parameters.get('q')) };
}

/** An invalid quality counts as 0: there may be other alternatives, and the default is always available. */
function qualityOf(q: string | undefined): number {
  if (q === undefined) return 1;
  return /^(?:\d+(?:\.\d*)?|\.\d+)$/.test(q) ? Math.min(1, Number(q)) : 0;
}

/** Splits at separators outside of quoted strings. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') quoted = !quoted;
    else if (quoted && character === '\\') i++;
    else if (!quoted && character === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replace(/\\(.)/g, '$1')
    : text;
}
