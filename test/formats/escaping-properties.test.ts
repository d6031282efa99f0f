import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ESCAPINGS, escapeLabelName, escapeMetricName } from '../../lib/formats/format.js';
import { isLegacyLabelName, isLegacyMetricName } from '../../lib/model/names.js';
import { runs } from '../support/property-runs.js';

const tricky = fc.constantFrom('_', '__', '.', ':', 'dot', '_dot_', 'U__', '2e', '_2e_', '0', 'a', 'é', '💩', ' ', '"');
const name = fc
  .array(fc.oneof(tricky, fc.string({ unit: 'binary', maxLength: 3 })), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''))
  .filter((text) => text !== '');

/** Names of legal characters and dots: those that `dots` keeps distinct. */
const dotted = fc
  .array(fc.constantFrom('_', '.', ':', 'dot', '_dot_', 'a', 'Z', '7'), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''))
  .filter((text) => !/^[0-9]/.test(text));

/** What Prometheus does to read a name of the scheme `dots`. */
const undots = (text: string) => text.replace(/__|_dot_/g, (found) => (found === '__' ? '_' : '.'));

/** What Prometheus does to read a name of the scheme `values`. */
const unvalues = (text: string) =>
  text.startsWith('U__')
    ? text
        .slice(3)
        .replace(/__|_([0-9a-f]+)_/g, (found, code) =>
          found === '__' ? '_' : String.fromCodePoint(Number.parseInt(code, 16)),
        )
    : text;

describe.each(ESCAPINGS.filter((scheme) => scheme !== 'allow-utf-8'))('%s', (scheme) => {
  test('turns every name into a legal one', () => {
    fc.assert(
      fc.property(name, (given) => {
        expect(isLegacyMetricName(escapeMetricName(given, scheme))).toBe(true);
        expect(isLegacyLabelName(escapeLabelName(given, scheme))).toBe(true);
      }),
      { numRuns: runs(1000) },
    );
  });
});

describe.each(['underscores', 'values', 'allow-utf-8'] as const)('%s', (scheme) => {
  test('leaves legal names alone', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,9}$/), (given) => {
        expect(escapeMetricName(given, scheme)).toBe(given);
        expect(escapeLabelName(given, scheme)).toBe(given);
      }),
    );
  });
});

test('dots can be decoded if only dots were illegal, so such names stay distinct', () => {
  fc.assert(
    fc.property(dotted, (given) => expect(undots(escapeMetricName(given, 'dots'))).toBe(given)),
    { numRuns: runs(1000) },
  );
});

test('values can be decoded whatever was illegal, so names stay distinct', () => {
  // A legal name that looks escaped is left unchanged; Prometheus does the same and confuses it with the other.
  const plain = name.filter((given) => !(isLegacyMetricName(given) && given.startsWith('U__')));
  fc.assert(
    fc.property(plain, (given) => {
      expect(unvalues(escapeMetricName(given, 'values'))).toBe(given);
      expect(unvalues(escapeLabelName(given, 'values'))).toBe(given);
    }),
    { numRuns: runs(1000) },
  );
});

test('allow-utf-8 changes nothing', () => {
  fc.assert(fc.property(name, (given) => expect(escapeMetricName(given, 'allow-utf-8')).toBe(given)));
});
