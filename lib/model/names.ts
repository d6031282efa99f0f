import { ConfigError, show } from './errors.js';

const LEGACY_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LEGACY_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
// Half a surrogate pair has no UTF-8 form, so no format can carry it.
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Whether a metric name needs neither quotes nor escaping: `[a-zA-Z_:][a-zA-Z0-9_:]*`. */
export function isLegacyMetricName(name: string): boolean {
  return LEGACY_METRIC.test(name);
}

/** Whether a label name needs neither quotes nor escaping: `[a-zA-Z_][a-zA-Z0-9_]*`. */
export function isLegacyLabelName(name: string): boolean {
  return LEGACY_LABEL.test(name);
}

/** Whether a text has a UTF-8 form. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** A text with U+FFFD, the replacement character, in place of what has no UTF-8 form: as it will stand on the page. */
export function wellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(new RegExp(LONE_SURROGATE, 'g'), '\uFFFD');
}

/** A label name as a scraper sees it that knows no others than `[a-zA-Z_][a-zA-Z0-9_]*`. */
export function legacyLabelName(name: string): string {
  return isLegacyLabelName(name) ? name : name.replace(/[^a-zA-Z0-9_]/gu, '_').replace(/^[0-9]/, '_');
}

/**
 * Refuses what cannot be a metric's name. Since Prometheus 3 a name is any text with a UTF-8 form that is not empty;
 * scrapers that know less are served an escaped name.
 */
export function checkMetricName(name: unknown): asserts name is string {
  if (typeof name !== 'string') throw new ConfigError(`A metric needs a name: a text, not ${show(name)}.`);
  if (name === '') throw new ConfigError('A metric needs a name that is not empty, such as "http_requests_total".');
  if (!isWellFormed(name))
    throw new ConfigError(`Metric name ${show(name)} holds half a surrogate pair, which has no UTF-8 form.`);
}

/** Refuses what cannot be a label's name in the named family. Names that begin with `__` belong to Prometheus. */
export function checkLabelName(label: unknown, family: string): asserts label is string {
  const where = `Metric ${show(family)}`;
  if (typeof label !== 'string') throw new ConfigError(`${where}: a label name is a text, not ${show(label)}.`);
  if (label === '') throw new ConfigError(`${where} has an empty label name.`);
  if (label.startsWith('__')) {
    throw new ConfigError(
      `${where}: label ${show(label)} begins with "__", which Prometheus keeps for itself; name it otherwise.`,
    );
  }
  if (!isWellFormed(label)) throw new ConfigError(`${where}: label name ${show(label)} holds half a surrogate pair.`);
}

/** Refuses a help text that is none. Every family has one: Prometheus shows it, and promtool asks for it. */
export function checkHelp(help: unknown, family: string): asserts help is string {
  if (typeof help !== 'string' || help === '') {
    throw new ConfigError(`Metric ${show(family)} needs a help text that says what it counts, not ${show(help)}.`);
  }
}
