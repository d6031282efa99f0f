import { parseQualityList } from '../formats/quality-list.js';

/**
 * Whether an `Accept-Encoding` header prefers gzip to a body as it is (RFC 9110, section 12.5.3). A header that names
 * gzip and not `identity` does; one that allows neither gets the body as it is, which every client understands.
 */
export function wantsGzip(header: string | undefined): boolean {
  const choices = parseQualityList(header ?? '');
  const quality = (...names: string[]) => choices.find(({ value }) => names.includes(value))?.quality;
  const any = quality('*');
  const gzip = quality('gzip', 'x-gzip') ?? any ?? 0;
  return gzip > 0 && gzip >= (quality('identity') ?? any ?? 0);
}
