/** Escapes what the text formats escape in a quoted text: backslash, newline, double quote. */
export function escapeQuoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? text.replace(ESCAPED, (character) => ESCAPES[character] as string) : text;
}

/** Escapes what text 0.0.4 escapes in a help line, where nothing is quoted: backslash and newline. */
export function escapeHelp(text: string): string {
  return text.replace(/[\\\n]/g, (character) => ESCAPES[character] as string);
}

const NEEDS_ESCAPE = /[\\\n"]/;
const ESCAPED = /[\\\n"]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' };
