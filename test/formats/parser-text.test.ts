import { describe, expect, test } from '@jest/globals';
import { parseText } from '../../lib/formats/parser/text-parser.js';
import { ParseError } from '../../lib/model/errors.js';

const one = (line: string) => parseText(`${line}\n`)[0]?.samples[0];

describe('a page in text 0.0.4', () => {
  test('lists its families in order, with type, help and samples', () => {
    const page = [
      '# HELP http_requests_total Requests, by code.',
      '# TYPE http_requests_total counter',
      'http_requests_total{code="200",method="GET"} 1027 1395066363000',
      'http_requests_total{code="400",method="GET"} 3',
      '',
      '# A comment.',
      '# TYPE temperature gauge',
      'temperature -4.5',
      'no_metadata 1',
      '',
    ].join('\n');
    expect(parseText(page)).toStrictEqual([
      {
        name: 'http_requests_total',
        type: 'counter',
        help: 'Requests, by code.',
        unit: '',
        samples: [
          {
            name: 'http_requests_total',
            labels: { code: '200', method: 'GET' },
            value: 1027,
            timestamp: 1395066363000,
          },
          { name: 'http_requests_total', labels: { code: '400', method: 'GET' }, value: 3 },
        ],
      },
      {
        name: 'temperature',
        type: 'gauge',
        help: '',
        unit: '',
        samples: [{ name: 'temperature', labels: {}, value: -4.5 }],
      },
      {
        name: 'no_metadata',
        type: 'unknown',
        help: '',
        unit: '',
        samples: [{ name: 'no_metadata', labels: {}, value: 1 }],
      },
    ]);
  });

  test('may be empty, and a family may have no samples', () => {
    expect(parseText('')).toEqual([]);
    expect(parseText('# TYPE a untyped\n')).toEqual([{ name: 'a', type: 'unknown', help: '', unit: '', samples: [] }]);
  });

  test('keeps the lines of a histogram and of a summary in one family', () => {
    const histogram = '# TYPE h histogram\nh_bucket{le="0.5"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n';
    const summary = '# TYPE s summary\ns{quantile="0.5"} NaN\ns{quantile="0.9"} 1\ns_sum 3\ns_count 2\n';
    const families = parseText(histogram + summary);
    expect(families.map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
      ['h', 'histogram', 4],
      ['s', 'summary', 4],
    ]);
  });

  test('may interleave the series of a histogram', () => {
    const lines = [
      'h_bucket{a="1",le="1"} 1',
      'h_bucket{a="2",le="1"} 5',
      'h_bucket{le="+Inf",a="2"} 5',
      'h_bucket{le="+Inf",a="1"} 2',
    ];
    expect(parseText(`# TYPE h histogram\n${lines.join('\n')}\n`)[0]?.samples).toHaveLength(4);
  });

  test('may have blanks and tabs between tokens and at both ends, and blank lines', () => {
    const expected = { name: 'a', labels: { b: 'c', d: 'e' }, value: 1, timestamp: 5 };
    expect(one('a{b="c",d="e"} 1 5')).toEqual(expected);
    expect(one(' \ta\t{ b = "c"\t, d ="e" , }  1 \t 5 ')).toEqual(expected);
    expect(one('a{b="c",d="e"}1 5')).toEqual(expected);
    expect(parseText('\n \t\n\na 1\n\n')).toHaveLength(1);
    expect(parseText('#TYPE   a\tgauge \n')[0]?.type).toBe('gauge');
  });

  test('may have comments of any kind, which are skipped', () => {
    expect(parseText('#\n# \n#x\n  # TYPEs of things\n# EOF\n# UNIT a b\na 1\n')).toHaveLength(1);
  });

  test('may have quoted names of any characters', () => {
    expect(parseText('# TYPE "my.metric" counter\n{"my.metric","l.x"="v",y="z"} 1\n')).toEqual([
      {
        name: 'my.metric',
        type: 'counter',
        help: '',
        unit: '',
        samples: [{ name: 'my.metric', labels: { 'l.x': 'v', y: 'z' }, value: 1 }],
      },
    ]);
    expect(one('{ "a\\"\\\\\\n" , } 1')?.name).toBe('a"\\\n');
    expect(one('{"legacy"} 1')?.name).toBe('legacy');
  });

  test('keeps label names that are special to JavaScript', () => {
    const labels = one('a{__proto__="x",constructor="y","1"="z"} 1')?.labels ?? {};
    expect(Object.entries(labels)).toEqual(
      expect.arrayContaining([
        ['__proto__', 'x'],
        ['constructor', 'y'],
        ['1', 'z'],
      ]),
    );
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
  });

  test('has its escapes in label values and help texts resolved', () => {
    expect(one('a{b="C:\\\\DIR\\n\\"x\\" } # {"} 1')?.labels).toEqual({ b: 'C:\\DIR\n"x" } # {' });
    expect(parseText('# HELP a x\\\\n "y"\\nz \n')[0]?.help).toBe('x\\n "y"\nz ');
    expect(parseText('# HELP a\n')[0]?.help).toBe('');
  });

  test.each([
    ['1', 1],
    ['+1', 1],
    ['-1.5e3', -1500],
    ['.5', 0.5],
    ['5.', 5],
    ['0042', 42],
    ['1E+05', 100000],
    ['1e-999', 0],
    ['NaN', Number.NaN],
    ['nan', Number.NaN],
    ['+Inf', Infinity],
    ['-inf', -Infinity],
    ['Infinity', Infinity],
    ['1.7976931348623157e308', Number.MAX_VALUE],
  ])('reads the value %s', (text, value) => {
    expect(one(`a ${text}`)?.value).toBe(value);
  });

  test.each([
    ['0', 0],
    ['-3982045', -3982045],
    ['+5', 5],
    ['-0', 0],
    ['9223372036854775807', 2 ** 63],
    ['0000000000000000000000000005', 5],
  ])('reads the timestamp %s', (text, timestamp) => {
    expect(one(`a 1 ${text}`)?.timestamp).toBe(timestamp);
  });

  test('is not held to the rules for counters that only OpenMetrics has', () => {
    expect(parseText('# TYPE a counter\na{b="1"} -1\na{b="2"} NaN\n')[0]?.samples).toHaveLength(2);
    expect(parseText('# TYPE h histogram\nh_bucket{le="+Inf"} 0.5\nh_count 0.5\n')[0]?.samples).toHaveLength(2);
  });
});

const H = '# TYPE h histogram\n';
const S = '# TYPE s summary\n';

describe('a page that text 0.0.4 forbids', () => {
  test.each<[what: string, page: string, line: number, message: string]>([
    ['no last line feed', 'a 1\nb 2', 2, 'expected a line feed after the last line, found the end of the page'],
    ['CRLF', 'a 1\nb 2\r\n', 2, 'found a carriage return before it'],
    ['CRLF in a blank line', 'a 1\n\r\n', 2, 'found a carriage return before it'],
    ['a byte order mark', '\ufeffa 1\n', 1, 'expected a page without a byte order mark'],
    ['a lone surrogate', 'a 1\nb{c="\ud800"} 1\n', 2, 'found a lone surrogate'],
    [
      'a name that begins with a digit',
      '1a 1\n',
      1,
      'expected a metric name, in braces and double quotes if it has other characters than [a-zA-Z0-9_:], found "1a 1"',
    ],
    ['a dotted name without quotes', 'a.b 1\n', 1, 'after "a", found ".b"'],
    ['a quoted name without braces', '"a" 1\n', 1, 'expected a metric name, in braces'],
    [
      'no name',
      '{a="b"} 1\n',
      1,
      'expected a metric name before the brace, or a quoted one after it, found "a=\\"b\\"} 1"',
    ],
    [
      'a label before the quoted name',
      '{"a"="b","c"} 1\n',
      1,
      'expected "," or "}" after the metric name, which comes first in the braces, found "=\\"b\\",\\"c\\"} 1"',
    ],
    ['two names', 'a{"b"} 1\n', 1, 'expected "=" after label name "b", found "} 1"'],
    ['an empty name', '{""} 1\n', 1, 'expected a metric name'],
    ['an empty label name', 'a{""="b"} 1\n', 1, 'expected a label name'],
    ['a label name that begins with a digit', 'a{1b="c"} 1\n', 1, 'expected a label name'],
    ['no equals sign', 'a{b} 1\n', 1, 'expected "=" after label name "b", found "} 1"'],
    ['a label value without quotes', 'a{b=c} 1\n', 1, 'expected the value of label "b" in double quotes, found "c} 1"'],
    [
      'an open quote',
      'a{b="c} 1\n',
      1,
      'expected a double quote after the value of label "b", found the end of the line',
    ],
    ['an open brace', 'a{b="c" 1\n', 1, 'expected "," or "}" after a label, found "1"'],
    ['no comma between labels', 'a{b="c"d="e"} 1\n', 1, 'expected "," or "}" after a label, found "d=\\"e\\"} 1"'],
    ['two commas', 'a{b="c",,} 1\n', 1, 'expected a label name'],
    ['a comma alone', 'a{,} 1\n', 1, 'expected a label name'],
    [
      'an unknown escape in a label',
      'a{b="\\t"} 1\n',
      1,
      'expected "\\", "n" or a double quote after a backslash, found "t\\"} 1"',
    ],
    ['an unknown escape in a help text', '# HELP a \\t\n', 1, 'expected "\\" or "n" after a backslash, found "t"'],
    ['an escaped quote in a help text', '# HELP a \\"\n', 1, 'expected "\\" or "n" after a backslash'],
    ['a backslash at the end of a help text', '# HELP a b\\\n', 1, 'after a backslash, found the end of the line'],
    ['a duplicate label', 'a{b="c",b="d"} 1\n', 1, 'expected each label once, found "b" twice'],
    ['a duplicate label __proto__', 'a{__proto__="c",__proto__="d"} 1\n', 1, 'found "__proto__" twice'],
    ['the label __name__', 'a{__name__="b"} 1\n', 1, 'found label "__name__"'],
    ['no value', 'a{b="c"}\n', 1, 'expected a value after "a", found the end of the line'],
    [
      'a hexadecimal value',
      'a 0x10\n',
      1,
      'expected a decimal number that fits a 64-bit float, NaN, +Inf or -Inf after "a", found "0x10"',
    ],
    ['digits grouped by _', 'a 1_000\n', 1, 'found "1_000"'],
    ['a value that is too large', 'a 1e999\n', 1, 'found "1e999"'],
    ['a signed NaN', 'a +NaN\n', 1, 'found "+NaN"'],
    ['a decimal point alone', 'a .\n', 1, 'found "."'],
    ['an exponent without digits', 'a 1e\n', 1, 'found "1e"'],
    ['a timestamp with a fraction', 'a 1 5.5\n', 1, 'expected a timestamp in whole milliseconds, found "5.5"'],
    ['a timestamp beyond 64 bits', 'a 1 9223372036854775808\n', 1, 'found "9223372036854775808"'],
    ['more after the timestamp', 'a 1 5 6\n', 1, 'expected the end of the line, found "6"'],
    ['an exemplar', '# TYPE a counter\na 1 # {b="c"} 1\n', 2, 'expected no exemplar, which text 0.0.4 does not have'],
    ['HELP without a name', '# HELP\n', 1, 'expected a metric name, in double quotes'],
    [
      'TYPE without a type',
      '# TYPE a\n',
      1,
      'expected one of the types counter, gauge, histogram, summary, untyped, found ""',
    ],
    ['a type of OpenMetrics', '# TYPE a info\n', 1, 'found "info"'],
    ['a type in capitals', '# TYPE a COUNTER\n', 1, 'found "COUNTER"'],
    ['more after the type', '# TYPE a counter b\n', 1, 'expected the end of the line, found "b"'],
    ['metadata of a dotted name without quotes', '# HELP a.b c\n', 1, 'expected a blank after metric name "a"'],
    [
      'two TYPE lines',
      '# TYPE a counter\n# TYPE a counter\n',
      2,
      'expected one TYPE line for metric "a", found a second one',
    ],
    ['two HELP lines', '# HELP a b\n# HELP a b\n', 2, 'expected one HELP line for metric "a"'],
    ['TYPE after a sample', 'a 1\n# TYPE a counter\n', 2, 'expected the metadata of metric "a" before its samples'],
    ['HELP after a sample', 'a 1\n# HELP a b\n', 2, 'expected the metadata of metric "a" before its samples'],
    [
      'a family in two places',
      'a 1\nb 1\na{c="d"} 1\n',
      3,
      'expected all lines of unknown "a" together, found "a" in a line after unknown "b"',
    ],
    [
      'metadata apart from the samples',
      '# TYPE a gauge\n# TYPE b gauge\na 1\n',
      3,
      'expected all lines of gauge "a" together',
    ],
    [
      'a part of a histogram elsewhere',
      `${H}h_bucket{le="+Inf"} 1\nb 1\nh_count 1\n`,
      4,
      'expected all lines of histogram "h" together',
    ],
    [
      'clashing names',
      '# TYPE s_count gauge\ns_count 1\n# TYPE s summary\n',
      3,
      'found "s_count" of summary "s" and of gauge "s_count"',
    ],
    [
      'a duplicate series',
      'a{b="1",c="2"} 1\na{c="2",b="1"} 1\n',
      2,
      'expected each series once, found "a" with the same labels twice',
    ],
    ['a series that differs by an empty label', 'a 1\na{b=""} 1\n', 2, 'expected each series once'],
    [
      'no bucket +Inf',
      `${H}h_bucket{le="1"} 1\nh_count 1\n`,
      3,
      'expected histogram "h" to have a bucket le="+Inf", found none up to here',
    ],
    [
      'infinity spelled differently',
      `${H}h_bucket{le="Inf"} 1\n`,
      2,
      'expected label "le" of "h_bucket" to be a number or "+Inf", found "Inf"',
    ],
    ['a bound that is not a number', `${H}h_bucket{le="x"} 1\n`, 2, 'found "x"'],
    ['a bound NaN', `${H}h_bucket{le="NaN"} 1\n`, 2, 'found "NaN"'],
    ['a bucket without le', `${H}h_bucket 1\n`, 2, 'expected "h_bucket" to have a label "le", found none'],
    ['le on a count', `${H}h_count{le="1"} 1\n`, 2, 'expected "h_count" to have no label "le", found one'],
    [
      'buckets out of order',
      `${H}h_bucket{le="2"} 1\nh_bucket{le="1"} 1\n`,
      3,
      'expected the buckets of histogram "h" in increasing order, found le "1" after 2',
    ],
    ['a bucket spelled in two ways', `${H}h_bucket{le="1"} 1\nh_bucket{le="1.0"} 1\n`, 3, 'found le "1.0" after 1'],
    [
      'buckets that shrink',
      `${H}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\n`,
      3,
      'to be cumulative, at least 2 here, found 1',
    ],
    ['a bucket NaN', `${H}h_bucket{le="+Inf"} NaN\n`, 2, 'to be cumulative, at least 0 here, found NaN'],
    [
      'a count that differs from the bucket +Inf',
      `${H}h_bucket{le="+Inf"} 2\nh_count 3\nh_sum 1\n`,
      3,
      'expected the count of histogram "h" to equal its bucket le="+Inf", 2, found 3',
    ],
    ['a second count', `${H}h_count 1\nh_count 1\n`, 3, 'found "h_count" twice'],
    [
      'a histogram with a sample named like the family',
      `${H}h 1\n`,
      2,
      'expected a sample of histogram "h" to be named "h_bucket", "h_sum", "h_count", found "h"',
    ],
    [
      'a quantile above 1',
      `${S}s{quantile="1.5"} 1\n`,
      2,
      'expected label "quantile" of "s" to be from 0 to 1, found "1.5"',
    ],
    ['a quantile below 0', `${S}s{quantile="-0.5"} 1\n`, 2, 'found "-0.5"'],
    ['a quantile NaN', `${S}s{quantile="NaN"} 1\n`, 2, 'found "NaN"'],
    ['no quantile', `${S}s 1\n`, 2, 'expected "s" to have a label "quantile", found none'],
    ['a quantile on a sum', `${S}s_sum{quantile="0.5"} 1\n`, 2, 'expected "s_sum" to have no label "quantile"'],
    [
      'quantiles out of order',
      `${S}s{quantile="0.9"} 1\ns{quantile="0.5"} 1\n`,
      3,
      'in increasing order, found 0.5 after 0.9',
    ],
    [
      'a duplicate quantile',
      `${S}s{quantile="0.5"} 1\ns{quantile="0.50"} 1\n`,
      3,
      'expected each quantile of summary "s" once, found 0.5 twice',
    ],
  ])('%s', (_what, page, line, message) => {
    expectParseError(() => parseText(page), line, message);
  });
});

function expectParseError(parse: () => unknown, line: number, message: string): void {
  let error: unknown;
  try {
    parse();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ParseError);
  expect(error).toMatchObject({ line, message: expect.stringContaining(message) });
}
