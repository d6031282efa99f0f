import type { Dialect } from './dialect.js';
import { ESCAPINGS, type Escaping } from './escaping.js';
import { openMetrics } from './openmetrics.js';
import { text } from './text.js';

/** What a scraper is answered with. */
export interface Negotiated {
  readonly dialect: Dialect;
  readonly escaping: Escaping;
  /** The `Content-Type` of the answer. */
  readonly contentType: string;
}

/** No scraper sends more than a few hundred characters; what is longer is not read to its end. */
const LONGEST = 4096;

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/**
 * Picks a format for an `Accept` header: the clause with the highest `q` that can be served wins, the first of equals.
 * Versions are matched exactly; no match, or no header, gives text 0.0.4. `escaping=` is looked for in the whole
 * header; without one, names are escaped with underscores, because only a scraper that asks knows quoted ones.
 */
export function negotiate(accept: string | undefined): Negotiated {
  const clauses = (accept ?? '').slice(0, LONGEST).split(',').map(parseClause);
  const escaping = escapingOf(clauses);
  const ranked = clauses.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
  for (const clause of ranked) {
    const served = serve(clause);
    if (served !== undefined)
      return { ...served, escaping, contentType: `${served.contentType}; escaping=${escaping}` };
  }
  return { dialect: text, escaping, contentType: `${text.contentType}; escaping=${escaping}` };
}

function serve({ type, parameters }: Clause): { dialect: Dialect; contentType: string } | undefined {
  const version = parameters.get('version');
  if (
    type === 'application/openmetrics-text' &&
    (version === undefined || version === '0.0.1' || version === '1.0.0')
  ) {
    return { dialect: openMetrics, contentType: openMetrics.contentType };
  }
  if (type === 'text/plain' && (version === undefined || version === '0.0.4')) {
    return { dialect: text, contentType: text.contentType };
  }
  // Version 1.0.0 is 0.0.4 with quoted names (Prometheus, "Exposition formats").
  if (type === 'text/plain' && version === '1.0.0') {
    return { dialect: text, contentType: text.contentType.replace('0.0.4', '1.0.0') };
  }
  if (type === 'text/*' || type === '*/*') return { dialect: text, contentType: text.contentType };
  return undefined;
}

function escapingOf(clauses: readonly Clause[]): Escaping {
  for (const { parameters } of clauses) {
    const wanted = ESCAPINGS.find((scheme) => scheme === parameters.get('escaping'));
    if (wanted !== undefined) return wanted;
  }
  return 'underscores';
}

function parseClause(clause: string): Clause {
  const [type = '', ...rest] = clause.split(';');
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    if (equals < 0) continue;
    const value = parameter.slice(equals + 1).trim();
    parameters.set(parameter.slice(0, equals).trim().toLowerCase(), value.replace(/^"(.*)"$/, '$1').toLowerCase());
  }
  return { type: type.trim().toLowerCase(), parameters, quality: qualityOf(parameters.get('q')) };
}

function qualityOf(q: string | undefined): number {
  if (q === undefined) return 1;
  return /^[01](\.\d{0,3})?$/.test(q) ? Math.min(1, Number(q)) : 0;
}
