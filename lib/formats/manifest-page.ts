import type { FamilySource } from '../model/live-family.js';
import { manifestOf } from '../model/manifest.js';
import { parseQualityList } from './quality-list.js';

/** The media type of a registry's manifest. A client that names it gets the manifest in place of a page. */
export const MANIFEST_TYPE = 'application/vnd.promark.manifest+json';

/** Whether an `Accept` header names the manifest. Wildcards do not: they are for pages. */
export function wantsManifest(accept: string | undefined): boolean {
  // Most requests come from scrapers, which do not: nothing is parsed for them.
  if (!accept?.toLowerCase().includes(MANIFEST_TYPE)) return false;
  return parseQualityList(accept).some(({ value, quality }) => value === MANIFEST_TYPE && quality > 0);
}

/** The manifest of families, as its client gets it. */
export function manifestBytes(families: readonly FamilySource[], prefix: string): Uint8Array {
  return Buffer.from(JSON.stringify(manifestOf(families, prefix)));
}
