import { describe, expect, test } from '@jest/globals';
import { parsePage } from '../../lib/formats/parser/page-parser.js';
import { ParseError, PromarkError } from '../../lib/model/errors.js';

describe('a page with its content type', () => {
  test.each([
    'text/plain',
    'text/plain; version=0.0.4; charset=utf-8',
    'text/plain;version=0.0.4;charset=utf-8;escaping=underscores',
    'text/plain; version=1.0.0; escaping=allow-utf-8',
    'Text/Plain; charset=utf-8; Version="0.0.4"',
  ])('is text for %s', (contentType) => {
    expect(parsePage('a 1\n', contentType)).toHaveLength(1);
  });

  test.each([
    'application/openmetrics-text',
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
    'application/openmetrics-text;version=0.0.1',
  ])('is OpenMetrics for %s', (contentType) => {
    expect(() => parsePage('a 1\n', contentType)).toThrow(ParseError);
    expect(parsePage('a 1\n# EOF\n', contentType)).toHaveLength(1);
  });

  test.each([
    '',
    'application/xml',
    'constructor',
    'application/openmetrics-text; version=2.0.0',
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
  ])('is refused for %p', (contentType) => {
    expect(() => parsePage('a 1\n', contentType)).toThrow(PromarkError);
    expect(() => parsePage('a 1\n', contentType)).toThrow('cannot be parsed; text/plain of version 0.0.4 or 1.0.0');
  });
});
