import { parseQualityList } from '../formats/quality-list.js';
import type { OptionRule } from '../model/options.js';

/** For an option that is the path of a URL. */
export const pathRule: OptionRule = {
  expected: 'the path of a URL, such as "/metrics", without a query and with other characters encoded',
  accepts: (value) => typeof value === 'string' && /^\/[\w\-./~%!$&'()*+,;=:@]*$/.test(value),
};

/** `http://host` before the path, as clients send it to a proxy (RFC 9112, section 3.2.2). */
const ORIGIN = /^https?:\/\/[^/?]*/i;

/** The path of a request target as it was sent, without the query. */
export function pathOf(target: string): string {
  const path = target.replace(ORIGIN, '').split('?', 1)[0];
  return path === '' ? '/' : path;
}

/** The names in `?name[]=a&name[]=b`, without repetitions. */
export function namesOf(target: string): string[] {
  const query = target.indexOf('?');
  if (query < 0) return [];
  const names = new URLSearchParams(target.slice(query)).getAll('name[]');
  return [...new Set(names.filter((name) => name !== ''))];
}

/**
 * Whether an `Accept-Encoding` header prefers gzip to an unencoded body (RFC 9110, section 12.5.3). A header that names
 * gzip and not `identity` does; for one that allows neither the body is not encoded, which every client understands.
 */
export function wantsGzip(header: string | string[] | undefined): boolean {
  const choices = parseQualityList(header?.toString() ?? '');
  const quality = (...names: string[]) => choices.find(({ value }) => names.includes(value))?.quality;
  const any = quality('*');
  const gzip = quality('gzip', 'x-gzip') ?? any ?? 0;
  return gzip > 0 && gzip >= (quality('identity') ?? any ?? 0);
}
