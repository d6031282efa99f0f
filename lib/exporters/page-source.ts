import type { Page } from '../formats/page-renderer.js';
import { ConfigError, show } from '../model/errors.js';
import type { Faults } from '../model/faults.js';
import type { LiveFamilies } from '../page/live-feed.js';

/** What a scraper asks for. */
export interface PageRequest {
  /** The scraper's `Accept` header. */
  readonly accept: string | undefined;
  /** Names of families or samples; an empty list means all. */
  readonly names: readonly string[];
  /** Whether samples show their timestamps. Default: true. */
  readonly timestamps?: boolean;
}

/** A page to send. */
export type SentPage = Omit<Page, 'release'> & Partial<Pick<Page, 'release'>>;

/** Where an exporter gets its pages: a registry, or an object that stands for one that lives elsewhere. */
export interface PageSource {
  /** Renders the page as of now. */
  render(request: PageRequest): Promise<SentPage>;
  /**
   * Whether each page is rendered for one request alone, so that exporters may release it once it is sent. A source that
   * keeps pages must not set this. Default: false.
   */
  readonly rendersAnew?: boolean;
  /** The families as of now, for the live page; without it there is none. */
  live?(): Promise<LiveFamilies>;
  /** Where failures are counted and logged. */
  readonly faults?: Pick<Faults, 'instrumentation'>;
}

/** Throws ConfigError for a value that cannot render pages. */
export function checkPageSource(registry: unknown): asserts registry is PageSource {
  if (typeof (registry as PageSource | null | undefined)?.render === 'function') return;
  throw new ConfigError(
    `The registry of an exporter must be a Registry of promark, such as \`register\` or \`new Registry()\`, got ${show(registry)}.`,
  );
}

/** Lets the memory of a page that was sent be used again, if nobody else may have the page. */
export function releaseSent({ rendersAnew }: PageSource, page: SentPage): void {
  if (rendersAnew === true) page.release?.();
}

/** Counts and logs a failure. Never throws: a logger that fails must not cost the answer. */
export function reportFault({ faults }: PageSource, where: string, error: unknown): void {
  try {
    faults?.instrumentation(where, error);
  } catch {
    // There is nobody left to tell.
  }
}
