import { parseQualityList } from '../formats/quality-list.js';
import type { OptionRule } from '../model/options.js';

/** Rule for an option that is a URL path. */
export const pathRule: OptionRule = {
  expected: 'the path of a URL, such as "/metrics", without a query and with other characters encoded',
  accepts: (value) => typeof value === 'string' && /^\/[\w\-./~%!$&'()*+,;=:@]*$/.test(value),
};

/** `http://host` before the path, as sent to proxies (RFC 9112, section 3.2.2). */
const ORIGIN = /^https?:\/\/[^/?]*/i;

/** Returns the path of a request target as sent, without the query. */
export function pathOf(target: string): string {
  const path = target.replace(ORIGIN, '').split('?', 1)[0];
  return path === '' ? '/' : path;
}

/**
 * Returns a path without the slashes at its end. `replace(/\/+$/, '')` would take time in proportion to the square of
 * the length, and clients choose the path.
 */
export function withoutFinalSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(0, end);
}

/** Returns the names in `?name[]=a&name[]=b`, without duplicates. */
export function namesOf(target: string): string[] {
  const query = target.indexOf('?');
  if (query < 0) return [];
  const names = new URLSearchParams(target.slice(query)).getAll('name[]');
  return [...new Set(names.filter((name) => name !== ''))];
}

/**
 * Returns whether an `Accept-Encoding` header prefers gzip to an unencoded body (RFC 9110, section 12.5.3), as it does
 * if it names gzip and not `identity`. If it allows neither, the body is not encoded, which every client understands.
 */
export function wantsGzip(header: string | string[] | undefined): boolean {
  const choices = parseQualityList(header?.toString() ?? '');
  const quality = (...names: string[]) => choices.find(({ value }) => names.includes(value))?.quality;
  const any = quality('*');
  const gzip = quality('gzip', 'x-gzip') ?? any ?? 0;
  return gzip > 0 && gzip >= (quality('identity') ?? any ?? 0);
}
