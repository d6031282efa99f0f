import type { FamilySnapshot } from '../model/family.js';
import type { LiveFamily } from '../model/live-family.js';
import type { Format } from './format.js';
import { type Page, PageBuilder } from './page.js';
import type { PageCache } from './page-cache.js';
import type { Variant } from './variant.js';

/** Milliseconds of rendering after which others get their turn on the event loop. */
const SLICE_MS = 2;

/** What a page is made of: families to be read where they lie, and such that were gathered. */
export type PageSource = LiveFamily | FamilySnapshot;

/**
 * Renders a page. A long one is made in slices, so that the event loop never waits more than a few milliseconds; values
 * that change meanwhile may show on the families that come later.
 */
export async function render(
  families: readonly PageSource[],
  format: Format,
  variant: Variant,
  cache: PageCache,
  contentType: string,
): Promise<Page> {
  const builder = new PageBuilder();
  let sliceStart = performance.now();
  for (const family of families) {
    for (const piece of piecesOf(family, format, variant, cache)) {
      builder.add(piece);
      if (performance.now() - sliceStart < SLICE_MS) continue;
      await nextTurn();
      sliceStart = performance.now();
    }
  }
  builder.add(Buffer.from(format.end));
  return builder.finish(contentType);
}

function piecesOf(family: PageSource, format: Format, variant: Variant, cache: PageCache): Iterable<Uint8Array> {
  return 'samples' in family ? [format.write(family, variant)] : cache.page(family, format, variant).pieces();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
