/** The values of a YAML document. */
export type YamlValue =
  | string
  | number
  | boolean
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue | undefined };

/** Words that YAML 1.1 does not read as strings. */
const RESERVED = /^(?:true|false|yes|no|on|off|null|y|n|~)$/i;
const PLAIN = /^[A-Za-z_/](?:[\w./-]|:(?=\w))*(?: (?:[\w./-]|:(?=\w))+)*$/;

/** Writes data as YAML. Omits keys without a value. */
export function toYaml(value: YamlValue): string {
  return `${lines(value).join('\n')}\n`;
}

function lines(value: YamlValue): string[] {
  if (typeof value !== 'object') return [scalar(value)];
  if (Array.isArray(value)) return value.flatMap((item) => indented(lines(item), '- '));
  return Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : entry(key, member)));
}

function entry(key: string, value: YamlValue): string[] {
  const name = PLAIN.test(key) && !RESERVED.test(key) ? key : JSON.stringify(key);
  if (typeof value === 'string' && value.includes('\n')) {
    return [`${name}: |-`, ...value.split('\n').map((line) => (line === '' ? '' : `  ${line}`))];
  }
  if (typeof value !== 'object') return [`${name}: ${scalar(value)}`];
  const inner = lines(value);
  if (inner.length === 0) return [`${name}: ${Array.isArray(value) ? '[]' : '{}'}`];
  return [`${name}:`, ...inner.map((line) => (line === '' ? '' : `  ${line}`))];
}

/** Indents the lines of a list item after its dash. */
function indented(inner: readonly string[], dash: string): string[] {
  return inner.map((line, i) => (i === 0 ? dash + line : line === '' ? '' : `  ${line}`));
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  // A JSON string is a double-quoted YAML string.
  return PLAIN.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);
}
