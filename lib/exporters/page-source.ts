import type { Page } from '../formats/page.js';
import { ConfigError, show } from '../model/errors.js';
import type { Faults } from '../model/faults.js';

/** What a scraper asks for. */
export interface PageRequest {
  /** Its `Accept` header. */
  readonly accept: string | undefined;
  /** The families or samples that it wants; all where there are none. */
  readonly names: readonly string[];
  /** Whether samples show the times that they have. Default: true. */
  readonly timestamps?: boolean;
}

/** Where an exporter's pages come from: a registry, or whatever stands for one that lives elsewhere. */
export interface PageSource {
  /** Renders a page as of now. */
  render(request: PageRequest): Promise<Page>;
  /** Is told when that fails. */
  readonly faults?: Pick<Faults, 'instrumentation'>;
}

/** Refuses what is no registry. Throws ConfigError. */
export function checkPageSource(registry: unknown): asserts registry is PageSource {
  if (typeof (registry as PageSource | null | undefined)?.render === 'function') return;
  throw new ConfigError(
    `Pages come from a registry of promark, such as \`register\` or \`new Registry()\`, not from ${show(registry)}.`,
  );
}
