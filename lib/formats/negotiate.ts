import type { Format } from './format.js';
import { ESCAPINGS, type Escaping } from './format.js';
import { json, manifest } from './json.js';
import { text } from './line-format.js';
import { openMetrics } from './openmetrics.js';
import { openMetrics2 } from './openmetrics2.js';
import { protobuf } from './protobuf/protobuf.js';
import { type Choice, parseQualityList } from './quality-list.js';

/** The format of a response. */
export interface Negotiated {
  readonly format: Format;
  readonly escaping: Escaping;
  /** The `Content-Type` of the response. */
  readonly contentType: string;
}

/** A format under one of its names. */
interface Offer {
  readonly format: Format;
  readonly contentType: string;
}

const TEXT: Offer = { format: text, contentType: text.contentType };
/** Version 1.0.0 is 0.0.4 with quoted names (Prometheus, "Exposition formats"). */
const TEXT_1: Offer = { format: text, contentType: text.contentType.replace('0.0.4', '1.0.0') };
const OPEN_METRICS: Offer = { format: openMetrics, contentType: openMetrics.contentType };
const OPEN_METRICS_2: Offer = { format: openMetrics2, contentType: openMetrics2.contentType };
const PROTOBUF: Offer = { format: protobuf, contentType: protobuf.contentType };

const JSON_OFFER: Offer = { format: json, contentType: json.contentType };
const MANIFEST: Offer = { format: manifest, contentType: manifest.contentType };

/** The format for each `type version`. Scrapers that ask for OpenMetrics 0.0.1 also read 1.0.0. */
const OFFERS: ReadonlyMap<string, Offer> = new Map([
  ['application/openmetrics-text 1.0.0', OPEN_METRICS],
  ['application/openmetrics-text 0.0.1', OPEN_METRICS],
  ['application/openmetrics-text', OPEN_METRICS],
  ['text/plain 1.0.0', TEXT_1],
  ['text/plain 0.0.4', TEXT],
  ['text/plain', TEXT],
  ['text/*', TEXT],
  ['*/*', TEXT],
  [JSON_OFFER.contentType, JSON_OFFER],
  [MANIFEST.contentType, MANIFEST],
]);

/**
 * Picks a format for an `Accept` header: the supported alternative with the highest `q`, or the first of several. JSON
 * comes after others with the same `q`, because many HTTP clients list it first by default. Versions are matched
 * exactly. Without a match or a header, the format is text 0.0.4.
 *
 * The escaping scheme is that of the chosen alternative or, if it names none, of the best one that does: scrapers may
 * name it only once. Without any, names are escaped with underscores, because only scrapers that name a scheme
 * understand quoted names.
 *
 * `openMetrics2`: whether OpenMetrics 2.0 can be served. Only scrapers that ask for exactly that version get it.
 */
export function negotiate(accept: string | undefined, openMetrics2 = false): Negotiated {
  const ranked = parseQualityList(accept ?? '')
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || Number(isJson(a)) - Number(isJson(b)));
  const winner = ranked.find((choice) => offerOf(choice, openMetrics2) !== undefined);
  const { format, contentType } = (winner && offerOf(winner, openMetrics2)) ?? TEXT;
  const escaping = (winner && escapingOf(winner)) ?? firstOf(ranked, escapingOf) ?? 'underscores';
  if (format.isEscaped === false) return { format, escaping: 'allow-utf-8', contentType };
  return { format, escaping, contentType: `${contentType}; escaping=${escaping}` };
}

function isJson({ value }: Choice): boolean {
  return value === JSON_OFFER.contentType;
}

function offerOf({ value, parameters }: Choice, withSecond: boolean): Offer | undefined {
  if (value === 'application/vnd.google.protobuf') {
    // Other messages and the human-readable encodings are not supported.
    const proto = parameters.get('proto') === 'io.prometheus.client.metricfamily';
    return proto && parameters.get('encoding') === 'delimited' ? PROTOBUF : undefined;
  }
  const version = parameters.get('version');
  if (withSecond && value === 'application/openmetrics-text' && version === '2.0.0') return OPEN_METRICS_2;
  return OFFERS.get(version === undefined ? value : `${value} ${version}`);
}

function escapingOf({ parameters }: Choice): Escaping | undefined {
  return ESCAPINGS.find((scheme) => scheme === parameters.get('escaping'));
}

function firstOf<T>(choices: readonly Choice[], read: (choice: Choice) => T | undefined): T | undefined {
  for (const choice of choices) {
    const found = read(choice);
    if (found !== undefined) return found;
  }
  return undefined;
}
