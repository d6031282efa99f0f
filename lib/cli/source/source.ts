import { readFile } from 'node:fs/promises';
import { isFamily, parseJson } from '../../formats/parser/json-parser.js';
import { parseOpenMetrics } from '../../formats/parser/openmetrics-parser.js';
import { parseText } from '../../formats/parser/text-parser.js';
import { isOpenMetrics } from '../../lint/lint-page.js';
import { MANIFEST_TYPE } from '../../model/content-types.js';
import { ParseError, reasonOf } from '../../model/errors.js';
import type { FamilySnapshot } from '../../model/family.js';
import { snapshotSource } from '../../model/live-family.js';
import { type FamilyManifest, manifestOf } from '../../model/manifest.js';
import {
  type CommandContext,
  CommandError,
  type CommandOption,
  listOption,
  numberOption,
  stringOption,
} from '../command.js';

/** The page of a program, its manifest, or both. */
export interface Source {
  /** As typed. */
  readonly name: string;
  /** The page as received; undefined for a manifest. */
  readonly page: string | undefined;
  /** The families of a page in JSON, which has no lines. */
  readonly families?: readonly FamilySnapshot[];
  /** Throws CommandError when read, if it is derived from a page that cannot be parsed. */
  readonly manifest: readonly FamilyManifest[];
  /** Whether the manifest is the program's own, with methods and objectives, or derived from its page. */
  readonly hasMethods: boolean;
}

/** Options of commands that read from an address. */
export const SOURCE_OPTIONS: Readonly<Record<string, CommandOption>> = {
  header: {
    type: 'string',
    short: 'H',
    multiple: true,
    value: '<name: value>',
    help: 'Send this header; may be repeated.',
  },
  user: { type: 'string', short: 'u', value: '<name:password>', help: 'Use basic authentication.' },
  bearer: {
    type: 'string',
    value: '<token>',
    help: 'Send this bearer token. Default: the environment variable PROMARK_BEARER.',
  },
  timeout: { type: 'string', value: '<seconds>', help: 'Maximum time to wait for an answer. Default: 10.' },
};

/** Describes the operand in the help. */
export const SOURCE_HELP = `<source> is the address of a metrics page, a file with a page or with the JSON of registry.manifest(),
or - for the standard input. The address of a program that uses promark also gives its methods and objectives.`;

const PAGE_TYPES = 'application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4; q=0.5, */*; q=0.1';

/** Returns the single source of a command. Throws CommandError if there are none or several. */
export function onlySource({ positionals }: CommandContext): string {
  if (positionals.length === 1) return positionals[0];
  if (positionals.length === 0)
    throw new CommandError('Give a source: an address, a file, or - for the standard input.');
  throw new CommandError(`Give one source, not ${positionals.length}: ${positionals.join(' ')}`);
}

/** Reads a source. Throws CommandError if it cannot be read or is invalid. */
export async function loadSource(name: string, context: CommandContext): Promise<Source> {
  const address = addressIn(name);
  if (address !== undefined) {
    const page = await fetchPage(address, context);
    const manifest = await fetchManifest(address, context);
    return manifest === undefined ? pageSource(name, page) : { name, page, manifest, hasMethods: true };
  }
  const content = name === '-' ? await readAll(context.stdin) : await readNamed(name);
  const families = familiesIn(content);
  if (families !== undefined) {
    return {
      name,
      page: undefined,
      families,
      manifest: manifestOf(families.map(snapshotSource), ''),
      hasMethods: false,
    };
  }
  const manifest = manifestIn(content, titleOf(name));
  if (manifest !== undefined) return { name, page: undefined, manifest, hasMethods: true };
  return pageSource(name, content);
}

/** Returns the address in an operand; undefined for a file. As in a browser, `localhost:8000` is an address too. */
export function addressIn(name: string): string | undefined {
  if (/^https?:\/\//i.test(name)) {
    if (URL.canParse(name)) return name;
    throw new CommandError(`${name} is not a valid address.`);
  }
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(name)?.[1];
  if (scheme !== undefined) throw new CommandError(`Addresses begin with http:// or https://, not ${scheme}://.`);
  return /^(?:[\w.-]+|\[[\da-f:]+\]):\d+(?:[/?]|$)/i.test(name) ? `http://${name}` : undefined;
}

/** Fetches the page at an address. `signal` aborts the request. */
export async function fetchPage(address: string, context: CommandContext, signal?: AbortSignal): Promise<string> {
  const { body, type } = await get(address, PAGE_TYPES, context, signal);
  if (/\bhtml\b/.test(type)) {
    throw new CommandError(
      `${address} is an HTML document, not a metrics page. Is it ${new URL('/metrics', address)}?`,
    );
  }
  return body;
}

/** Fetches the program's own manifest; undefined if it does not serve one. */
async function fetchManifest(address: string, context: CommandContext): Promise<FamilyManifest[] | undefined> {
  const { body, type } = await get(address, `${MANIFEST_TYPE}, text/plain; q=0.1`, context);
  return type.startsWith(MANIFEST_TYPE) ? (JSON.parse(body) as FamilyManifest[]) : undefined;
}

async function get(
  address: string,
  accept: string,
  context: CommandContext,
  signal?: AbortSignal,
): Promise<{ body: string; type: string }> {
  const { values, env } = context;
  const url = new URL(address);
  if (url.pathname === '/' && url.search === '') url.pathname = '/metrics';
  const headers = new Headers({ accept, connection: 'close' });
  const user =
    stringOption(values, 'user') ??
    (url.username === '' ? undefined : decodeURIComponent(`${url.username}:${url.password}`));
  const bearer = stringOption(values, 'bearer') ?? env.PROMARK_BEARER;
  url.username = '';
  url.password = '';
  if (user !== undefined) headers.set('authorization', `Basic ${Buffer.from(user).toString('base64')}`);
  else if (bearer !== undefined && bearer !== '') headers.set('authorization', `Bearer ${bearer}`);
  for (const header of listOption(values, 'header')) {
    const colon = header.indexOf(':');
    if (colon < 1) throw new CommandError(`--header must be "name: value", got "${header}".`);
    headers.set(header.slice(0, colon).trim(), header.slice(colon + 1).trim());
  }
  const seconds = numberOption(values, 'timeout', 10, 0.001);
  const timedOut = new AbortController();
  // Unlike that of AbortSignal.timeout, this timer keeps the process running until there is an answer or an error.
  const timer = setTimeout(() => timedOut.abort(), seconds * 1000);
  const sent = signal === undefined ? timedOut.signal : AbortSignal.any([timedOut.signal, signal]);
  try {
    const response = await fetch(url, { headers, signal: sent });
    const body = await response.text();
    if (response.ok) return { body, type: response.headers.get('content-type') ?? '' };
    const hint = response.status === 401 ? ' Authenticate with --user or --bearer.' : '';
    throw new CommandError(`${url} answered ${response.status} ${response.statusText}.${hint}`);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const reason = timedOut.signal.aborted ? `no answer within ${seconds} s` : failureReason(error as Error);
    throw new CommandError(`${url} cannot be read: ${reason}.`);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns why a request failed, in one line. */
function failureReason(error: Error): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  // OpenSSL's own message has several lines with file names.
  if (cause?.code === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'the server does not speak TLS, try http://';
  return reasonOf(cause ?? error)
    .trim()
    .split('\n', 1)[0];
}

async function readNamed(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : reasonOf(error);
    throw new CommandError(`${path} cannot be read: ${reason}.`);
  }
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

/** A source by its name, at the beginning of a sentence. */
function titleOf(name: string): string {
  return name === '-' ? 'The standard input' : name;
}

/** Parses families in JSON, as in pages and from `promark parse`; undefined for anything else. */
function familiesIn(content: string): FamilySnapshot[] | undefined {
  const data = jsonIn(content);
  return Array.isArray(data) && data.length > 0 && data.every(isFamily) ? parseJson(content) : undefined;
}

function jsonIn(content: string): unknown {
  if (!/^\s*[[{]/.test(content)) return undefined;
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

/** Parses a manifest in JSON; undefined if it is not JSON. Throws CommandError for other JSON. */
function manifestIn(content: string, title: string): FamilyManifest[] | undefined {
  const data = jsonIn(content);
  if (data === undefined) return undefined;
  const isManifest = (family: Partial<FamilyManifest> | null) =>
    typeof family?.name === 'string' && typeof family.type === 'string' && Array.isArray(family.methods);
  if (Array.isArray(data) && data.every(isManifest)) return data;
  throw new CommandError(
    `${title} is JSON, but neither a manifest, as JSON.stringify(registry.manifest()) writes it, nor the output of promark parse.`,
  );
}

/** Parses the families on the page of a source. Throws CommandError if that fails. */
export function familiesOn(page: string, name: string): FamilySnapshot[] {
  try {
    return isOpenMetrics(page) ? parseOpenMetrics(page) : parseText(page);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new CommandError(`${titleOf(name)} cannot be parsed: ${error.message}. See promark lint.`);
  }
}

/**
 * A page without a manifest of its own. It is parsed only when needed: `lint` explains more about one that cannot be
 * parsed.
 */
function pageSource(name: string, page: string): Source {
  return {
    name,
    page,
    get manifest() {
      return manifestOf(familiesOn(page, name).map(snapshotSource), '');
    },
    hasMethods: false,
  };
}
