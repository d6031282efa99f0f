import { AssertionError } from 'node:assert';
import { type FamilySnapshot, parsePage } from '../index.js';

/** A page as a scraper receives it. */
export interface ScrapedPage {
  readonly status: number;
  readonly contentType: string;
  /** The page as text. */
  readonly text: string;
  readonly families: readonly FamilySnapshot[];
  /** Returns the families, so that `sampleValue`, `expectSample` and `expectPage` accept the page like a registry. */
  gather(): Promise<readonly FamilySnapshot[]>;
}

/**
 * Scrapes and parses a page. Rejects with AssertionError if the response is not 200 or not a page, and with ParseError
 * if the page violates its format.
 *
 * @param init Options of `fetch`: `{ headers: { accept: 'application/openmetrics-text' } }`. The default is the text
 * format.
 *
 * @example
 * const page = await scrape('http://localhost:3000/metrics');
 * assert.equal(await sampleValue(page, 'orders_total'), 1);
 */
export async function scrape(url: string | URL, init: RequestInit = {}): Promise<ScrapedPage> {
  const response = await fetch(url, init);
  const { status } = response;
  const text = await response.text();
  const contentType = response.headers.get('content-type') ?? '';
  if (status !== 200) fail(`${url} answered ${status} instead of 200: ${text.slice(0, 200)}`);
  if (!/^(text\/plain|application\/openmetrics-text)\b/.test(contentType)) {
    fail(`${url} answered with ${contentType || 'no content type'} instead of a page in a text format.`);
  }
  const families = parsePage(text, contentType);
  return { status, contentType, text, families, gather: async () => families };
}

function fail(message: string): never {
  throw new AssertionError({ message, operator: 'scrape', stackStartFn: fail });
}
