import { describe, expect, test } from '@jest/globals';
import { parseOpenMetrics } from '../../lib/formats/parser/openmetrics-parser.js';
import { ParseError } from '../../lib/model/errors.js';

type Case = [what: string, lines: string[], line: number, message: string];

const C = '# TYPE c counter';
const G = '# TYPE g gauge';
const H = '# TYPE h histogram';
const GH = '# TYPE gh gaugehistogram';
const S = '# TYPE s summary';
const I = '# TYPE i info';
const ST = '# TYPE st stateset';
const INF = 'h_bucket{le="+Inf"} 1';

function rejects(title: string, cases: Case[]): void {
  describe(title, () => {
    test.each(cases)('%s', (_what, lines, line, message) =>
      expectParseError(`${lines.join('\n')}\n# EOF\n`, line, message),
    );
  });
}

describe('a page whose frame OpenMetrics forbids', () => {
  test.each<[what: string, page: string, line: number, message: string]>([
    ['empty', '', 1, 'expected "# EOF" as the last line, found the end of the page'],
    ['no end', 'a 1\n', 2, 'expected "# EOF" as the last line'],
    ['no line feed after the last sample', 'a 1', 1, 'expected a line feed after the last line'],
    ['no line feed after a longer last line', 'a 1\n# EOFx', 2, 'expected a line feed after the last line'],
    ['a line after the end', 'a 1\n# EOF\na 2\n', 3, 'unexpected line after "# EOF"'],
    ['a blank line after the end', '# EOF\n\n', 2, 'unexpected line after "# EOF"'],
    ['more on the line of the end', '# EOF \n', 1, 'expected the end of the line after "# EOF", found " "'],
    ['an end without a space', '#EOF\n', 1, 'expected a space after "#", found "EOF"'],
    ['a blank line', 'a 1\n\n# EOF\n', 2, 'expected no blank lines, found one'],
    ['CRLF', 'a 1\r\n# EOF\r\n', 1, 'found a carriage return before it'],
    ['a byte order mark', '\ufeff# EOF\n', 1, 'found one at its beginning'],
  ])('%s', (_what, page, line, message) => expectParseError(page, line, message));
});

rejects('a line that the ABNF forbids', [
  ['a name that begins with a digit', ['0a 1'], 1, 'expected a metric name, in braces'],
  ['a dotted name', ['a.b 1'], 1, 'expected a space and a value after "a", found ".b 1"'],
  ['a quoted name without braces', ['"a" 1'], 1, 'expected a metric name, in braces'],
  ['a blank before the name', [' a 1'], 1, 'found " a 1"'],
  ['a tab', ['a\t1'], 1, 'expected a space and a value after "a", found "\\t1"'],
  ['two spaces', ['a  1'], 1, 'after "a", found ""'],
  ['a space at the end', ['a 1 '], 1, 'expected a timestamp in seconds, a decimal number, found ""'],
  ['a space before the braces', ['a {} 1'], 1, 'found "{}"'],
  ['no space after the braces', ['a{b="c"}1'], 1, 'expected a space and a value after "a", found "1"'],
  ['a space between labels', ['a{b="c", d="e"} 1'], 1, 'expected a label name'],
  ['a comma after the last label', ['a{b="c",} 1'], 1, 'expected a label name'],
  ['a comma alone', ['a{,} 1'], 1, 'expected a label name'],
  ['no comma between labels', ['a{b="c"d="e"} 1'], 1, 'expected "," or "}" after a label'],
  ['no quotes', ['a{b=c} 1'], 1, 'expected the value of label "b" in double quotes'],
  ['single quotes', ["a{b='c'} 1"], 1, 'expected the value of label "b" in double quotes'],
  ['no equals sign', ['a{b"c"} 1'], 1, 'expected "=" after label name "b"'],
  ['an open quote', ['a{b="c} 1'], 1, 'expected a double quote after the value of label "b"'],
  ['a backslash before the end', ['a{b="c\\'], 1, 'after a backslash, found the end of the line'],
  ['a duplicate label', ['a{b="1",b="1"} 1'], 1, 'expected each label once, found "b" twice'],
  ['the label __name__', ['a{__name__="b"} 1'], 1, 'found label "__name__"'],
  ['a name without quotes in the braces', ['{a} 1'], 1, 'expected a metric name before the brace'],
  ['a name in the braces and before', ['a{"b"} 1'], 1, 'expected "=" after label name "b"'],
  ['no value', ['a'], 1, 'expected a space and a value after "a", found the end of the line'],
  [
    'an invalid value',
    ['a true'],
    1,
    'expected a decimal number that fits a 64-bit float, NaN, +Inf or -Inf after "a", found "true"',
  ],
  ['a hexadecimal value', ['a 0x1p-3'], 1, 'found "0x1p-3"'],
  ['digits grouped by _', ['a 1_2'], 1, 'found "1_2"'],
  ['a value that is too large', ['a 1e309'], 1, 'found "1e309"'],
  ['a timestamp that is not a number', ['a 1 1z'], 1, 'expected a timestamp in seconds, a decimal number, found "1z"'],
  ['a timestamp NaN', ['a 1 NaN'], 1, 'found "NaN"'],
  ['a timestamp +Inf', ['a 1 +Inf'], 1, 'found "+Inf"'],
  [
    'two timestamps',
    ['a 1 1 1'],
    1,
    'expected "#" and an exemplar, or the end of the line after the timestamp, found "1"',
  ],
  ['a native histogram', [H, 'h {count:1}'], 2, 'found "{count:1}"'],
]);

rejects('metadata that are forbidden', [
  [
    'a comment',
    ['# Hello there'],
    1,
    'expected TYPE, UNIT, HELP or EOF after "# ", as there are no comments, found "Hello"',
  ],
  ['no space after the hash', ['#TYPE a gauge'], 1, 'expected a space after "#"'],
  ['two spaces', ['#  TYPE a gauge'], 1, 'found ""'],
  ['no name', ['# HELP'], 1, 'expected a space and a metric name after HELP'],
  ['an empty name', ['# HELP '], 1, 'expected a metric name'],
  ['no space after the name', ['# HELP a'], 1, 'expected a space after metric name "a", found the end of the line'],
  ['a tab after the name', ['# TYPE a\tgauge'], 1, 'expected a space after metric name "a"'],
  ['the type of the text format', ['# TYPE a untyped'], 1, 'expected one of the types counter, gauge,'],
  ['a space after the type', ['# TYPE a gauge '], 1, 'expected the end of the line after the type, found " "'],
  ['a unit that is not a suffix', ['# UNIT a seconds'], 1, 'expected metric "a" to end with its unit, "_seconds"'],
  ['a unit without its underscore', ['# UNIT aseconds seconds'], 1, 'to end with its unit'],
  [
    'a space after the unit',
    ['# UNIT a_s s '],
    1,
    'expected a unit of [a-zA-Z0-9_:] up to the end of the line, found " "',
  ],
  ['a unit of an info', ['# TYPE a_s info', '# UNIT a_s s'], 2, 'expected no unit for info "a_s", found "s"'],
  ['a unit of a stateset', ['# UNIT a_s s', '# TYPE a_s stateset'], 2, 'expected no unit for stateset "a_s"'],
  ['two TYPE lines', [G, G], 2, 'expected one TYPE line for metric "g", found a second one'],
  ['two empty HELP lines', ['# HELP a ', '# HELP a '], 2, 'expected one HELP line'],
  ['two UNIT lines', ['# UNIT a_s s', '# UNIT a_s s'], 2, 'expected one UNIT line'],
  ['metadata after samples', [G, 'g 1', '# HELP g h'], 3, 'expected the metadata of metric "g" before its samples'],
]);

rejects('families and samples out of place', [
  ['a family in two places', ['a 1', 'b 1', 'a 1'], 3, 'expected all lines of unknown "a" together'],
  [
    'a suffix in another place',
    [C, 'c_total 1', 'b 1', 'c_created 1'],
    4,
    'expected all lines of counter "c" together, found "c_created" in a line after unknown "b"',
  ],
  [
    'a counter without _total',
    [C, 'c 1'],
    2,
    'expected a sample of counter "c" to be named "c_total", "c_created", found "c"',
  ],
  [
    'a counter named with _total',
    ['# TYPE c_total counter', 'c_total 1'],
    2,
    'to be named "c_total_total", "c_total_created", found "c_total"',
  ],
  ['an info without _info', [I, 'i 1'], 2, 'to be named "i_info", found "i"'],
  [
    'names that clash',
    ['# TYPE c_created gauge', C],
    2,
    'expected sample names that no other family has, found "c_created" of counter "c" and of gauge "c_created"',
  ],
  [
    'a name that clashes later',
    [C, 'c_total 1', '# TYPE c_created gauge'],
    3,
    'expected all lines of counter "c" together',
  ],
  [
    'a duplicate series',
    [G, 'g{a="1",b="2"} 1', 'g{b="2",a="1"} 1'],
    3,
    'expected each series once, found "g" with the same labels twice',
  ],
  ['a series that differs by an empty label', [G, 'g 1', 'g{a=""} 1'], 3, 'expected each series once'],
  [
    'metrics that are interleaved',
    [S, 's_count{a="1"} 0', 's_count{a="2"} 0', 's_sum{a="1"} 0'],
    4,
    'expected all samples of one metric of summary "s" together',
  ],
  [
    'points that are interleaved',
    [S, 's_count 0 1', 's_count 0 2', 's_sum 0 1'],
    4,
    'expected the timestamps of summary "s" to increase, found 1 after 2',
  ],
  ['a timestamp that goes back', [G, 'g 1 1.1', 'g 1 1'], 3, 'found 1 after 1.1'],
  [
    'some timestamps',
    [G, 'g 1', 'g 1 1'],
    3,
    'expected all samples of one metric of gauge "g" with a timestamp or none, found both',
  ],
]);

rejects('values that the type forbids', [
  ['a counter NaN', [C, 'c_total NaN'], 2, 'expected "c_total" to be a number of at least 0, found NaN'],
  ['a negative counter', [C, 'c_total -1'], 2, 'found -1'],
  [
    'a counter that was created but counts nothing',
    [C, 'c_created 1'],
    2,
    'expected counter "c" to have a sample "c_total", found none up to here',
  ],
  [
    'a counter created at no time',
    [C, 'c_total 1', 'c_created NaN'],
    3,
    'expected "c_created" to be a time in seconds, found NaN',
  ],
  ['an info of 0', [I, 'i_info{a="b"} 0'], 2, 'expected "i_info" to be 1, as info samples are, found 0'],
  ['a state of 2', [ST, 'st{st="a"} 2'], 2, 'expected "st" to be 0 or 1, as states are, found 2'],
  [
    'a state without its label',
    [ST, 'st{a="b"} 1'],
    2,
    'expected stateset "st" to have a label "st" with the state, found none',
  ],
  ['a duplicate state', [ST, 'st{st="a"} 1', 'st{st="a"} 0'], 3, 'expected each series once'],
  [
    'a negative quantile value',
    [S, 's{quantile="0.5"} -1'],
    2,
    'expected "s" to be at least 0 or NaN, as quantile values are, found -1',
  ],
  [
    'a quantile above 1',
    [S, 's{quantile="1.01"} 1'],
    2,
    'expected label "quantile" of "s" to be from 0 to 1, found "1.01"',
  ],
  ['no quantile', [S, 's 1'], 2, 'expected "s" to have a label "quantile", found none'],
  [
    'a duplicate quantile',
    [S, 's{quantile="0.5"} 1', 's{quantile="0.50"} 1'],
    3,
    'expected each quantile of summary "s" once',
  ],
  ['a quantile on a sum', [S, 's_sum{quantile="0.5"} 1'], 2, 'expected "s_sum" to have no label "quantile"'],
  ['a summary with a negative sum', [S, 's_sum -1'], 2, 'expected "s_sum" to be a number of at least 0'],
  [
    'a summary with half a count',
    [S, 's_count 0.5'],
    2,
    'expected "s_count" to be a whole number of at least 0, found 0.5',
  ],
]);

rejects('histograms that are forbidden', [
  ['no bucket', [H, 'h_sum 1'], 2, 'expected histogram "h" to have a bucket le="+Inf", found none up to here'],
  ['no bucket +Inf', [H, 'h_bucket{le="1.0"} 1', 'a 1'], 2, 'to have a bucket le="+Inf"'],
  [
    'no bucket +Inf in one of the metrics',
    [H, 'h_bucket{a="1",le="1.0"} 1', 'h_bucket{a="2",le="+Inf"} 1'],
    2,
    'to have a bucket le="+Inf"',
  ],
  ['no le', [H, 'h_bucket 0'], 2, 'expected "h_bucket" to have a label "le"'],
  ['a bound NaN', [H, 'h_bucket{le="NaN"} 0'], 2, 'to be a number or "+Inf", found "NaN"'],
  ['infinity spelled otherwise', [H, 'h_bucket{le="+INF"} 0'], 2, 'found "+INF"'],
  ['le on a sum', [H, 'h_sum{le="1.0"} 0'], 2, 'expected "h_sum" to have no label "le"'],
  [
    'buckets out of order',
    [H, 'h_bucket{le="2.0"} 0', 'h_bucket{le="1.0"} 0'],
    3,
    'in increasing order, found le "1.0" after 2',
  ],
  [
    'buckets that shrink',
    [H, 'h_bucket{le="1.0"} 1', 'h_bucket{le="+Inf"} 0'],
    3,
    'to be cumulative, at least 1 here, found 0',
  ],
  [
    'half a bucket',
    [H, 'h_bucket{le="+Inf"} 0.5'],
    2,
    'expected "h_bucket" to be a whole number of at least 0, found 0.5',
  ],
  [
    'a count unlike the bucket +Inf',
    [H, 'h_count 2', INF, 'h_sum 1'],
    2,
    'expected the count of histogram "h" to equal its bucket le="+Inf", 1, found 2',
  ],
  ['a sum without a count', [H, INF, 'h_sum 1'], 3, 'expected histogram "h" to have a count with its sum, found none'],
  [
    'a count without a sum',
    [H, INF, 'h_count 1'],
    3,
    'expected histogram "h" to have a sum with its count, found none',
  ],
  ['a sum NaN', [H, INF, 'h_sum NaN'], 3, 'expected "h_sum" to be a number of at least 0'],
  [
    'a sum with buckets below zero',
    [H, 'h_bucket{le="-1.0"} 0', INF, 'h_count 1', 'h_sum 1'],
    5,
    'expected histogram "h" to have no sum, as it has buckets below zero',
  ],
  [
    'a gauge sum below zero without such buckets',
    [GH, 'gh_bucket{le="+Inf"} 1', 'gh_gcount 1', 'gh_gsum -1'],
    4,
    'expected gaugehistogram "gh" to have a sum of at least 0',
  ],
  [
    'a gauge sum NaN',
    [GH, 'gh_bucket{le="+Inf"} 1', 'gh_gcount 1', 'gh_gsum NaN'],
    4,
    'expected "gh_gsum" to be a number, found NaN',
  ],
  ['a gauge sum without a count', [GH, 'gh_bucket{le="+Inf"} 1', 'gh_gsum 1'], 3, 'to have a count with its sum'],
  ['a gauge count unlike the bucket +Inf', [GH, 'gh_bucket{le="+Inf"} 1', 'gh_gcount 2', 'gh_gsum 1'], 3, '1, found 2'],
]);

rejects('exemplars that are forbidden', [
  [
    'on a gauge',
    [G, 'g 1 # {a="b"} 1'],
    2,
    'expected exemplars only on _total of counters and _bucket of histograms, found one on "g" of type gauge',
  ],
  ['on a family without a type', ['a_total 1 # {a="b"} 1'], 1, 'found one on "a_total" of type unknown'],
  ['on a gauge named like a bucket', ['# TYPE a_bucket gauge', 'a_bucket 1 # {} 1'], 2, 'of type gauge'],
  ['on _created', [C, 'c_created 1 # {a="b"} 1'], 2, 'found one on "c_created"'],
  ['on a sum', [H, 'h_sum 1 # {a="b"} 1'], 2, 'found one on "h_sum"'],
  ['on an info', [I, 'i_info 1 # {a="b"} 1'], 2, 'of type info'],
  ['on a state', [ST, 'st{st="a"} 1 # {a="b"} 1'], 2, 'of type stateset'],
  [
    'above its bucket',
    [H, 'h_bucket{le="1.0"} 1 # {} 1.5'],
    2,
    'expected an exemplar inside of its bucket, at most 1.0, found 1.5',
  ],
  ['NaN', [H, 'h_bucket{le="+Inf"} 1 # {} NaN'], 2, 'at most +Inf, found NaN'],
  [
    'too long',
    [C, `c_total 1 # {ab="${'x'.repeat(127)}"} 1`],
    2,
    'expected the labels of an exemplar to have at most 128 code points, found 129',
  ],
  ['nothing but a hash', [C, 'c_total 1 #'], 2, 'expected a space before the labels of the exemplar'],
  ['no space before the hash', [C, 'c_total 1# {} 1'], 2, 'found "1#"'],
  [
    'no space after the hash',
    [C, 'c_total 1 #{} 1'],
    2,
    'expected a space before the labels of the exemplar, found "{} 1"',
  ],
  ['no brace', [C, 'c_total 1 1 # a="b"} 1'], 2, 'expected "{" before the labels'],
  ['a name in the braces', [C, 'c_total 1 # {"a"} 1'], 2, 'expected "=" after label name "a"'],
  ['no value', [C, 'c_total 1 # {a="b"}'], 2, 'expected a space and a value after the labels of the exemplar'],
  ['an invalid value', [C, 'c_total 1 # {} 0x1'], 2, 'after the labels of the exemplar, found "0x1"'],
  ['a space at the end', [C, 'c_total 1 # {} 1 1 '], 2, 'expected the end of the line after the exemplar, found " "'],
  ['a timestamp NaN', [C, 'c_total 1 # {} 1 NaN'], 2, 'expected a timestamp in seconds, a decimal number, found "NaN"'],
]);

function expectParseError(page: string, line: number, message: string): void {
  let error: unknown;
  try {
    parseOpenMetrics(page);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ParseError);
  expect(error).toMatchObject({ line, message: expect.stringContaining(message) });
}
