import type { FamilySnapshot } from '../model/family.js';
import type { LiveFamily } from '../model/live-family.js';
import { inSlices } from '../model/slices.js';
import type { Format } from './format.js';
import { type Page, PageBuilder } from './page.js';
import type { PageCache } from './page-cache.js';
import type { Variant } from './variant.js';

/** What a page is made of: families to be read where they lie, and such that were gathered. */
export type PageFamily = LiveFamily | FamilySnapshot;

/**
 * Renders a page. A long one is made in slices, so that the event loop never waits more than a few milliseconds; values
 * that change meanwhile may show on the families that come later.
 */
export async function render(
  families: readonly PageFamily[],
  format: Format,
  variant: Variant,
  cache: PageCache,
  contentType: string,
): Promise<Page> {
  const builder = new PageBuilder();
  await inSlices(piecesOfAll(families, format, variant, cache), (piece) => builder.add(piece));
  builder.add(Buffer.from(format.end));
  return builder.finish(contentType);
}

function* piecesOfAll(
  families: readonly PageFamily[],
  format: Format,
  variant: Variant,
  cache: PageCache,
): Generator<Uint8Array> {
  for (const family of families) yield* piecesOf(family, format, variant, cache);
}

function piecesOf(family: PageFamily, format: Format, variant: Variant, cache: PageCache): Iterable<Uint8Array> {
  return 'samples' in family ? [format.write(family, variant)] : cache.page(family, format, variant).pieces();
}
