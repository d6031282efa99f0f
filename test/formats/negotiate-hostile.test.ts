import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { negotiate } from '../../lib/formats/negotiate.js';
import { runs } from '../support/property-runs.js';

const servable =
  /^(text\/plain; version=(0\.0\.4|1\.0\.0)|application\/openmetrics-text; version=1\.0\.0); charset=utf-8; escaping=(underscores|dots|values|allow-utf-8)$/;

const piece = fc.constantFrom(
  ...['text/plain', 'application/openmetrics-text', '*/*', 'version', 'escaping', 'q', '=', ';', ',', '"', '\\', ' '],
  ...[
    '1.0.0',
    '0.0.4',
    '0.5',
    '0',
    'NaN',
    'Infinity',
    '-1',
    '1e9',
    '__proto__',
    'allow-utf-8',
    'dots',
    '\t',
    '\0',
    '💩',
  ],
);
const hostile = fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 60 });

describe('a hostile header', () => {
  test('always results in a format that can be served', () => {
    fc.assert(
      fc.property(hostile, (pieces) => {
        const { contentType, format, escaping } = negotiate(pieces.join(''));
        expect(contentType).toMatch(servable);
        expect(contentType.startsWith(format.contentType.slice(0, format.contentType.indexOf(';')))).toBe(true);
        expect(contentType.endsWith(`escaping=${escaping}`)).toBe(true);
      }),
      { numRuns: runs(1000) },
    );
  });

  test('junk of a lower quality does not change the answer', () => {
    // Without quotes, which would swallow the separator, and without an escaping parameter.
    const junk = fc.string({ unit: 'grapheme-ascii' }).map((text) => text.replace(/["=]/g, ''));
    fc.assert(
      fc.property(fc.array(junk), (parts) => {
        const before = parts.map((part) => `x${part.replaceAll(',', ' ')};q=0.5`).join(',');
        const { contentType } = negotiate(`${before},application/openmetrics-text;version=1.0.0;escaping=values;q=0.6`);
        expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values');
      }),
    );
  });

  // Only a fixed length of a header is read, so a megabyte takes as long as a few kilobytes.
  test.each([',', ';', '"', '\\', '=', 'q=', ';q=0.1', 'text/plain,', '*/*;q=1,', '"\\', '\t', ' '])(
    'of a megabyte of %j is handled',
    (unit) => {
      expect(negotiate(unit.repeat(1_000_000 / unit.length)).contentType).toMatch(servable);
    },
  );
});
