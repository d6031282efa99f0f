/** A message as protoc prints it: each field with all its values, in order. */
export interface Message {
  readonly [field: string]: readonly (Message | string)[];
}

/** Parses the part of protobuf's text format that `protoc --decode` writes. */
export function readTextFormat(text: string): Message {
  const root: Record<string, (Message | string)[]> = {};
  const open = [root];
  for (const line of text.split('\n').map((given) => given.trim())) {
    const message = open.at(-1);
    if (message === undefined) throw new Error(`More is closed than was opened:\n${text}`);
    const begin = /^(\w+) \{$/.exec(line);
    const field = /^(\w+): (.*)$/.exec(line);
    if (begin?.[1] !== undefined) {
      const child: Record<string, (Message | string)[]> = {};
      add(message, begin[1], child);
      open.push(child);
    } else if (field?.[1] !== undefined) add(message, field[1], unquoted(field[2] ?? ''));
    else if (line === '}') open.pop();
    else if (line !== '') throw new Error(`Cannot read ${JSON.stringify(line)}.`);
  }
  return root;
}

/** The one message of a field. */
export function only(message: Message | undefined, field: string): Message {
  const values = message?.[field];
  if (values?.length === 1 && typeof values[0] === 'object') return values[0];
  throw new Error(`${field} is there ${values?.length ?? 0} times.`);
}

/** The messages of a field. */
export function all(message: Message | undefined, field: string): Message[] {
  return (message?.[field] ?? []).filter((value): value is Message => typeof value === 'object');
}

/** The numbers of a field. */
export function numbers(message: Message | undefined, field: string): number[] {
  return (message?.[field] ?? []).map((value) => Number(String(value).replace('inf', 'Infinity')));
}

/** The number of a field that occurs once. */
export function number(message: Message | undefined, field: string): number {
  const [value, ...more] = numbers(message, field);
  if (value === undefined || more.length > 0) throw new Error(`${field} is there ${more.length} times.`);
  return value;
}

function add(message: Record<string, (Message | string)[]>, field: string, value: Message | string): void {
  if (/^\d+$/.test(field)) throw new Error(`protoc knows no field ${field}.`);
  message[field] = [...(message[field] ?? []), value];
}

/** Strings are printed as bytes, with octal escapes outside ASCII. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  const bytes: number[] = [];
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', "'": "'", '\\': '\\' };
  for (const [, octal, escaped, plain] of text.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\])/gu)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(...Buffer.from(plain ?? escapes[escaped ?? ''] ?? ''));
  }
  return Buffer.from(bytes).toString();
}
