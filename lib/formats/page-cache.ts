import type { LiveFamily } from '../model/live-family.js';
import type { Format, PreparedPage } from './format.js';
import type { Variant } from './variant.js';

/** Two scrapers that want different formats are usual; a third kind of page is prepared anew each time. */
const KEPT = 2;

/** The prepared bytes of families, for the formats and variants that were asked for last. */
export class PageCache {
  private readonly pages = new Map<string, WeakMap<LiveFamily, PreparedPage>>();

  /** The prepared page of a family; made where there is none. */
  page(family: LiveFamily, format: Format, variant: Variant): PreparedPage {
    const pages = this.pagesIn(format, variant);
    let page = pages.get(family);
    if (page === undefined) {
      page = format.prepare(family, variant);
      pages.set(family, page);
    }
    return page;
  }

  /** Forgets everything, to be called when names or default labels have changed. */
  clear(): void {
    this.pages.clear();
  }

  private pagesIn({ contentType }: Format, { escaping, created }: Variant): WeakMap<LiveFamily, PreparedPage> {
    const key = `${contentType} ${escaping} ${created}`;
    const pages = this.pages.get(key) ?? new WeakMap<LiveFamily, PreparedPage>();
    // Set anew, so that the map's order is the order of last use.
    this.pages.delete(key);
    this.pages.set(key, pages);
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= KEPT) break;
      this.pages.delete(oldest);
    }
    return pages;
  }
}
