import type { Page } from '../formats/page-renderer.js';
import { ConfigError, show } from '../model/errors.js';
import type { Faults } from '../model/faults.js';
import type { LiveFamilies } from '../model/live-family.js';

/** A scraper's request for a page. */
export interface PageRequest {
  /** The scraper's `Accept` header. */
  readonly accept: string | undefined;
  /** Names of families or samples; an empty list means all. */
  readonly names: readonly string[];
  /** Whether samples include their timestamps. Default: true. */
  readonly timestamps?: boolean;
  /**
   * Whether the page is for a Pushgateway, although the registry's content type is OpenMetrics. Gateways cannot read
   * that format, so the page is text with the sample names of OpenMetrics.
   */
  readonly isForGateway?: boolean;
}

/** A page to send. */
export type SentPage = Omit<Page, 'release'> & Partial<Pick<Page, 'release'>>;

/** A source of pages for exporters: a registry, or an object that represents one of another thread. */
export interface PageSource {
  /** Renders the current page. */
  render(request: PageRequest): Promise<SentPage>;
  /**
   * Whether each page is rendered for a single request, so that exporters may release it once sent. Sources that keep
   * pages must not set this. Default: false.
   */
  readonly rendersAnew?: boolean;
  /** The `Content-Type` of the source's own pages, as set by the program. */
  readonly contentType?: string;
  /**
   * Calls `use` with the current families, for the live page, and resolves when it is done. Without this method there
   * is no live page.
   */
  live?(use: (live: LiveFamilies) => Promise<void>): Promise<void>;
  /** Counts and logs failures. */
  readonly faults?: Pick<Faults, 'instrumentation'>;
}

/** Throws ConfigError for a value that cannot render pages. */
export function checkPageSource(registry: unknown): asserts registry is PageSource {
  if (typeof (registry as PageSource | null | undefined)?.render === 'function') return;
  throw new ConfigError(
    `The registry of an exporter must be a promark Registry, such as \`register\` or \`new Registry()\`, got ${show(registry)}.`,
  );
}

/** Releases the memory of a page that was sent, if no other request uses it. */
export function releaseSent({ rendersAnew }: PageSource, page: SentPage): void {
  if (rendersAnew === true) page.release?.();
}

/** Counts and logs a failure. Never throws: the request must be answered even if the logger fails. */
export function reportFault({ faults }: PageSource, where: string, error: unknown): void {
  try {
    faults?.instrumentation(where, error);
  } catch {
    // Nowhere left to report this.
  }
}
