import { isLegacyLabelName, isLegacyMetricName } from '../model/names.js';

/** How names that an old scraper does not know are written for it (Prometheus, "Escaping schemes"). */
export type Escaping = 'underscores' | 'dots' | 'values' | 'allow-utf-8';

export const ESCAPINGS: readonly Escaping[] = ['underscores', 'dots', 'values', 'allow-utf-8'];

/** Writes a metric name so that it needs no quotes; under `allow-utf-8` it stays as it is. */
export function escapeMetricName(name: string, scheme: Escaping): string {
  return escapeName(name, scheme, isLegacyMetricName(name), /[a-zA-Z_:]/, /[a-zA-Z0-9_:]/);
}

/** Writes a label name so that it needs no quotes; under `allow-utf-8` it stays as it is. */
export function escapeLabelName(name: string, scheme: Escaping): string {
  return escapeName(name, scheme, isLegacyLabelName(name), /[a-zA-Z_]/, /[a-zA-Z0-9_]/);
}

function escapeName(name: string, scheme: Escaping, legal: boolean, first: RegExp, rest: RegExp): string {
  // `dots` writes legal names anew as well: only so is it told apart whether an underscore was one.
  if (scheme === 'allow-utf-8' || (legal && scheme !== 'dots')) return name;
  let escaped = scheme === 'values' ? 'U__' : '';
  let position = 0;
  for (const character of name) {
    escaped += escapeCharacter(character, scheme, (position === 0 ? first : rest).test(character));
    position += 1;
  }
  return escaped;
}

function escapeCharacter(character: string, scheme: Escaping, legal: boolean): string {
  if (scheme === 'underscores') return legal ? character : '_';
  if (character === '_') return '__';
  if (scheme === 'dots' && character === '.') return '_dot_';
  if (legal) return character;
  if (scheme === 'dots') return '__';
  return `_${(character.codePointAt(0) ?? 0).toString(16)}_`;
}
