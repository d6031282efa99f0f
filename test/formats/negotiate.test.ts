import { describe, expect, test } from '@jest/globals';
import { negotiate } from '../../lib/formats/negotiate.js';

const openMetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const protobuf = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
const text = 'text/plain; version=0.0.4; charset=utf-8';
const text1 = 'text/plain; version=1.0.0; charset=utf-8';

const answer = (accept?: string) => negotiate(accept).contentType;

describe('Accept headers of scrapers', () => {
  test.each([
    [
      'Prometheus 2.42',
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      `${openMetrics}; escaping=underscores`,
    ],
    [
      'Prometheus 2.42 with native histograms',
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      `${protobuf}; escaping=underscores`,
    ],
    [
      'Prometheus 3',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      `${openMetrics}; escaping=allow-utf-8`,
    ],
    [
      'Prometheus 3 that prefers text',
      'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.2',
      `${text1}; escaping=allow-utf-8`,
    ],
    ['curl', '*/*', `${text}; escaping=underscores`],
    [
      'a browser',
      'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
      `${text}; escaping=underscores`,
    ],
    ['a client that sends no header', undefined, `${text}; escaping=underscores`],
  ])('%s', (_who, accept, expected) => {
    expect(answer(accept)).toBe(expected);
  });
});

describe('versions', () => {
  test.each([
    ['application/openmetrics-text', openMetrics],
    ['application/openmetrics-text;version=0.0.1', openMetrics],
    ['application/openmetrics-text; version="1.0.0"', openMetrics],
    ['APPLICATION/OpenMetrics-Text ; VERSION=1.0.0', openMetrics],
    ['application/openmetrics-text;version=2.0.0', text],
    ['application/openmetrics-text;version=1.0', text],
    ['text/plain', text],
    ['text/plain;version=0.0.4', text],
    ['text/plain;version=1.0.0', text1],
    ['text/plain;version=0.0.3,application/openmetrics-text;q=0.1', openMetrics],
    ['text/*', text],
    ['application/xml', text],
    ['constructor', text],
  ])('%s', (accept, expected) => {
    expect(answer(accept)).toBe(`${expected}; escaping=underscores`);
  });
});

describe('preference', () => {
  test.each([
    ['text/plain;q=0.5,application/openmetrics-text;q=0.6', openMetrics],
    ['text/plain,application/openmetrics-text', text],
    ['application/openmetrics-text,text/plain', openMetrics],
    ['application/openmetrics-text;q=0,text/plain;q=0.1', text],
    ['application/openmetrics-text;q=0', text],
    ['application/openmetrics-text;q=.9,text/plain;q=.8', openMetrics],
    ['application/openmetrics-text;q=high,text/plain;q=0.001', text],
    ['application/openmetrics-text;q=0.12345,text/plain;q=0.12344', openMetrics],
    ['application/openmetrics-text;q=-1,text/plain;q=0.1', text],
    ['application/xml,application/openmetrics-text;q=0.3', openMetrics],
    ['application/xml;profile="a,application/openmetrics-text,b",text/plain', text],
    ['application/xml;profile="a\\",application/openmetrics-text", text/plain', text],
  ])('%s', (accept, expected) => {
    expect(answer(accept)).toBe(`${expected}; escaping=underscores`);
  });
});

describe('escaping', () => {
  test.each([
    ['text/plain;escaping=dots', 'dots'],
    ['text/plain;escaping=values', 'values'],
    ['text/plain;escaping="allow-utf-8"', 'allow-utf-8'],
    ['text/plain;escaping=Underscores', 'underscores'],
    ['text/plain;escaping=backslashes', 'underscores'],
    // Given once, but not on the alternative that wins.
    ['application/vnd.google.protobuf;escaping=allow-utf-8;q=0.1,text/plain', 'allow-utf-8'],
    // That of the alternative that wins takes precedence.
    ['application/openmetrics-text;escaping=dots;q=0.3,text/plain;escaping=values', 'values'],
    // Refused alternatives do not count.
    ['application/openmetrics-text;escaping=dots;q=0,text/plain', 'underscores'],
  ])('%s', (accept, expected) => {
    expect(negotiate(accept).escaping).toBe(expected);
    expect(answer(accept)).toBe(`${text}; escaping=${expected}`);
  });
});

test('alternatives beyond the part that is read do not count, truncated ones included', () => {
  const filler = 'application/xml,'.repeat(270);
  expect(answer(`${filler}application/openmetrics-text`)).toContain(text);
  // Cut after its version, it would have no `q` and win.
  const cut = `text/plain;q=0.5,${'x'.repeat(4025)},application/openmetrics-text;version=1.0.0;q=0.1`;
  expect(cut.slice(0, 4096)).toMatch(/openmetrics-text[^,]*$/);
  expect(answer(cut)).toContain(text);
});
