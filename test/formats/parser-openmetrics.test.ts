import { describe, expect, test } from '@jest/globals';
import { parseOpenMetrics } from '../../lib/formats/parser/openmetrics-parser.js';
import { parsePage } from '../../lib/formats/parser/page-parser.js';
import type { FamilySnapshot } from '../../lib/model/family.js';

const parse = (...lines: string[]): FamilySnapshot[] => parseOpenMetrics(`${lines.join('\n')}\n# EOF\n`);
const one = (line: string) => parse(line)[0]?.samples[0];

describe('a page in OpenMetrics 1.0', () => {
  test('may consist of its end alone', () => {
    expect(parseOpenMetrics('# EOF\n')).toEqual([]);
    // ABNF: the line feed after the last line is optional.
    expect(parseOpenMetrics('# EOF')).toEqual([]);
    expect(parseOpenMetrics('a 1\n# EOF')).toEqual(parseOpenMetrics('a 1\n# EOF\n'));
    expect(parsePage('a 1\n# EOF', 'application/openmetrics-text; version=1.0.0')).toEqual(
      parseOpenMetrics('a 1\n# EOF\n'),
    );
  });

  test('returns type, unit and help, in any order', () => {
    const expected = [{ name: 'a_seconds', type: 'gauge', unit: 'seconds', help: 'Help.', samples: [] }];
    expect(parse('# TYPE a_seconds gauge', '# UNIT a_seconds seconds', '# HELP a_seconds Help.')).toEqual(expected);
    expect(parse('# HELP a_seconds Help.', '# UNIT a_seconds seconds', '# TYPE a_seconds gauge')).toEqual(expected);
  });

  test('treats an empty unit or help as absent', () => {
    expect(parse('# HELP a ', '# UNIT a ', 'a 1')).toMatchObject([{ name: 'a', type: 'unknown', unit: '', help: '' }]);
  });

  test('names a counter with its _total, and keeps _created as a sample', () => {
    expect(
      parse(
        '# TYPE a_seconds counter',
        '# UNIT a_seconds seconds',
        'a_seconds_total 17',
        'a_seconds_created 1520430000.123',
      ),
    ).toStrictEqual([
      {
        name: 'a_seconds_total',
        type: 'counter',
        unit: 'seconds',
        help: '',
        samples: [
          { name: 'a_seconds_total', labels: {}, value: 17 },
          { name: 'a_seconds_created', labels: {}, value: 1520430000.123 },
        ],
      },
    ]);
    expect(parse('# TYPE a counter')[0]?.name).toBe('a_total');
    expect(parse('# TYPE a_total counter', 'a_total_total 1')[0]?.name).toBe('a_total_total');
  });

  test('names an info without _info', () => {
    expect(parse('# TYPE build info', 'build_info{version="1.2"} 1.0')).toEqual([
      {
        name: 'build',
        type: 'info',
        unit: '',
        help: '',
        samples: [{ name: 'build_info', labels: { version: '1.2' }, value: 1 }],
      },
    ]);
  });

  test('reads a stateset of any name', () => {
    const [family] = parse(
      '# TYPE constructor stateset',
      'constructor{constructor="a"} 0',
      'constructor{constructor="b"} 1',
    );
    expect(family?.samples.map(({ labels, value }) => [labels.constructor, value])).toEqual([
      ['a', 0],
      ['b', 1],
    ]);
    expect(parse('# TYPE a stateset', 'a{a=""} 0', 'a{a="x"} 1')[0]?.samples).toHaveLength(2);
  });

  test('reads a histogram with exemplars', () => {
    const [family] = parse(
      '# TYPE h histogram',
      'h_bucket{le="0.1"} 8 123 # {} 0.054',
      'h_bucket{le="1"} 11 123 # {trace_id="KOO5S4vxi0o"} 0.67',
      'h_bucket{le="10.0"} 17 123 # {"a.b"="} # {"} -9.8 1520879607.789',
      'h_bucket{le="+Inf"} 17 123',
      'h_count 17 123',
      'h_sum 324789.3 123',
    );
    expect(family?.samples.map(({ exemplar }) => exemplar).filter(Boolean)).toStrictEqual([
      { labels: {}, value: 0.054 },
      { labels: { trace_id: 'KOO5S4vxi0o' }, value: 0.67 },
      { labels: { 'a.b': '} # {' }, value: -9.8, timestamp: 1520879607789 },
    ]);
    expect(family?.samples[5]).toStrictEqual({ name: 'h_sum', labels: {}, value: 324789.3, timestamp: 123000 });
  });

  test('reads histograms with no sum, with negative bounds, and with bounds that are not canonical', () => {
    expect(parse('# TYPE h histogram', 'h_bucket{le="-1.0"} 0', 'h_bucket{le="+Inf"} 0')).toHaveLength(1);
    expect(
      parse(
        '# TYPE h histogram',
        'h_bucket{le="0"} 0',
        'h_bucket{le="1.1e-4"} 0',
        'h_bucket{le="1"} 0',
        'h_bucket{le="+Inf"} 0',
      ),
    ).toHaveLength(1);
  });

  test('treats a bound of zero as not negative, and a bound as part of its bucket', () => {
    const buckets = ['h_bucket{le="0.0"} 1 # {} 0', 'h_bucket{le="+Inf"} 1 # {} +Inf'];
    expect(parse('# TYPE h histogram', ...buckets, 'h_count 1', 'h_sum 0')).toHaveLength(1);
  });

  test('reads a gauge histogram, whose sum may be negative if a bound is', () => {
    const lines = ['g_bucket{le="-1.0"} 1', 'g_bucket{le="+Inf"} 3 # {} 7', 'g_gcount 3', 'g_gsum -5'];
    expect(parse('# TYPE g gaugehistogram', ...lines)).toMatchObject([{ name: 'g', type: 'gaugehistogram' }]);
  });

  test('reads a summary, its quantiles in any order', () => {
    const lines = [
      's{quantile="0.9"} NaN',
      's{quantile="0"} 1',
      's{quantile="1.0"} 2',
      's_count 3',
      's_sum 4',
      's_created 5',
    ];
    expect(parse('# TYPE s summary', ...lines)[0]?.samples).toHaveLength(6);
  });

  test('reads several points of a metric in sequence', () => {
    const lines = [
      's_count{a="b"} 0 123',
      's_sum{a="b"} 0 123',
      's_count{a="b"} 0 456',
      's_sum{a="b"} 0 456',
      's_count{a="c"} 0 123',
    ];
    expect(parse('# TYPE s summary', ...lines)[0]?.samples).toHaveLength(5);
    expect(
      parse('# TYPE a gauge', 'a 1 0.0000000000', 'a 2 0.0000000001', 'a 3 0.0000000001')[0]?.samples,
    ).toHaveLength(3);
  });

  test('accepts points of different info metrics in any order of time', () => {
    expect(parse('# TYPE a info', 'a_info{a="1"} 1 1', 'a_info{a="2"} 1 0')[0]?.samples).toHaveLength(2);
  });

  test('accepts quoted names of any characters', () => {
    expect(
      parse('# TYPE "my.metric" counter', '# HELP "my.metric" Help.', '{"my.metric_total","l.x"="v",y="z"} 1'),
    ).toEqual([
      {
        name: 'my.metric_total',
        type: 'counter',
        unit: '',
        help: 'Help.',
        samples: [{ name: 'my.metric_total', labels: { 'l.x': 'v', y: 'z' }, value: 1 }],
      },
    ]);
  });

  test('resolves escapes, and keeps unknown ones', () => {
    expect(one('a{b="x\\\\y\\"z\\n\\t"} 1')?.labels).toEqual({ b: 'x\\y"z\n\\t' });
    expect(parse('# HELP a x\\\\y\\"z\\n\\t "')[0]?.help).toBe('x\\y"z\n\\t "');
    expect(one('a{b="\0\r\t"} 1')?.labels).toEqual({ b: '\0\r\t' });
  });

  test.each([
    ['1520879607.789', 1520879607789],
    ['0.0000000001', 1e-7],
    ['1.5e3', 1500000],
    ['-1', -1000],
    ['000', 0],
    ['.5', 500],
    ['5.', 5000],
    ['12345678901234567890.1234567890', Number('12345678901234567890123.456789')],
  ])('reads the timestamp %s as milliseconds', (text, timestamp) => {
    expect(one(`a 1 ${text}`)?.timestamp).toBe(timestamp);
  });

  test.each([
    ['-4.5e-3', -0.0045],
    ['NAN', Number.NaN],
    ['infinity', Infinity],
    ['-Inf', -Infinity],
    ['0042', 42],
    ['9223372036854775808', 2 ** 63],
  ])('reads the value %s', (text, value) => {
    expect(one(`a ${text}`)?.value).toBe(value);
  });

  test('measures an exemplar in code points', () => {
    const page = (value: string) => ['# TYPE a counter', `a_total 1 # {ab="${value}"} 1`];
    expect(parse(...page('💩'.repeat(126)))).toHaveLength(1);
    expect(() => parse(...page('💩'.repeat(127)))).toThrow('at most 128 code points, found 129');
  });
});

describe('strict parsing, for exposers', () => {
  const strictly = (...lines: string[]) => parseOpenMetrics(`${lines.join('\n')}\n# EOF\n`, { asExposed: true });

  test.each([
    ['h_bucket{le="1"} 0', '"1.0"'],
    ['h_bucket{le="1000000"} 0', '"1e+06"'],
    ['h_bucket{le="1e-5"} 0', '"1e-05"'],
    ['h_bucket{le="0.00001"} 0', '"1e-05"'],
    ['h_bucket{le="1e5"} 0', '"100000.0"'],
    ['h_bucket{le="1234567.0"} 0', '"1.234567e+06"'],
    ['h_bucket{le="0"} 0', '"0.0"'],
    ['h_bucket{le="-2"} 0', '"-2.0"'],
  ])('requires the bound of %s to be written as %s', (line, canonical) => {
    const lines = ['# TYPE h histogram', line, 'h_bucket{le="+Inf"} 0'];
    expect(() => strictly(...lines)).toThrow(`line 2: expected "h_bucket" to have the canonical number ${canonical}`);
    expect(() => strictly(...lines.map((text) => text.replace(/le="[^"+]*"/, `le=${canonical}`)))).not.toThrow();
    expect(() => parse(...lines)).not.toThrow();
  });

  test('requires canonical quantiles, but not canonical states of a stateset', () => {
    expect(() => strictly('# TYPE s summary', 's{quantile="1"} 0')).toThrow('canonical number "1.0", found "1"');
    expect(() => strictly('# TYPE s stateset', 's{s="1"} 0')).not.toThrow();
  });

  test('requires metadata in order', () => {
    expect(() => strictly('# TYPE a_s gauge', '# UNIT a_s s', '# HELP a_s h', '# TYPE b gauge')).not.toThrow();
    expect(() => strictly('# HELP a h', '# TYPE a gauge')).toThrow(
      'line 2: expected the metadata of metric "a" in the order TYPE, UNIT, HELP',
    );
  });

  test('requires everything to be escaped', () => {
    expect(() => strictly('# HELP a "')).toThrow('expected a double quote in a help text to be escaped, found "\\""');
    expect(() => strictly('# HELP a \\t')).toThrow('after a backslash, found "t"');
    expect(() => strictly('a{b="\\t"} 1')).toThrow('after a backslash, found "t\\"} 1"');
    expect(() => strictly('# HELP a \\"\\\\\\n')).not.toThrow();
  });
});
