import { expect, test } from '@jest/globals';
import { Histogram, Registry } from 'promark';
import { lintFamilies } from '../../lib/lint/lint.js';
import { type LintPageOptions, lintPage } from '../../lib/lint/lint-page.js';

/** The findings on a page as `line id`. */
function found(page: string, options?: LintPageOptions): string[] {
  return lintPage(page, options).map(({ line, id }) => `${line ?? '-'} ${id}`);
}

const gauge = (labels: string, value = 1) =>
  `# HELP users Users who are logged in.\n# TYPE users gauge\nusers${labels} ${value}\n`;

/** A histogram with counts of its own in each bucket. */
function histogram(counts: Record<string, number>): string {
  let below = 0;
  const buckets = Object.entries(counts).map(([le, count]) => {
    below += count;
    return `t_seconds_bucket{le="${le}"} ${below}\n`;
  });
  return `# HELP t_seconds Time.\n# TYPE t_seconds histogram\n${buckets.join('')}t_seconds_sum 1\nt_seconds_count ${below}\n`;
}

test('nothing is found on a page that is in order', () => {
  expect(found(gauge('{plan="free"}'))).toEqual([]);
  expect(found(histogram({ 0.1: 50, '1.0': 50, '+Inf': 1 }))).toEqual([]);
});

test.each([
  ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'a UUID'],
  ['4711000815', 'an id'],
  ['ann@example.org', 'an e-mail address'],
  ['192.0.2.7', 'an IP address'],
  ['2001:db8::1', 'an IP address'],
  ['2001:db8:0:0:0:0:0:1', 'an IP address'],
  ['00:1b:44:11:3a:b7', 'a MAC address'],
  ['/orders/4711', 'a path with ids'],
  ['/orders?page=2', 'a path with a query'],
])('a label with the value %p looks like %s', (value, kind) => {
  const [finding] = lintPage(gauge(`{a="${value}"}`));
  expect(finding).toMatchObject({ id: 'unbounded-label', line: 3, metric: 'users' });
  expect(finding.message).toContain(`looks like ${kind}`);
  expect(finding.remedy).not.toBe('');
});

test.each(['200', '10.5', 'GET', '/orders/:id', 'eu-west-1', '0.99'])(
  'a label with the value %p is in order',
  (value) => {
    expect(found(gauge(`{a="${value}"}`))).toEqual([]);
  },
);

test('a label that is an id by its name may have some values, but not many', () => {
  const page = (n: number) =>
    `# HELP users Users who are logged in.\n# TYPE users gauge\n${Array.from({ length: n }, (_, i) => `users{user_id="u${i}"} 1\n`).join('')}`;
  expect(found(page(10))).toEqual([]);
  expect(found(page(60))).toEqual(['3 unbounded-label']);
});

test('an info in text 0.0.4, where it is a gauge, may hold addresses', () => {
  expect(found('# HELP net_info Devices.\n# TYPE net_info gauge\nnet_info{mac="00:1b:44:11:3a:b7"} 1\n')).toEqual([]);
});

test('a page without families is a finding', () => {
  expect(found('')).toEqual(['- no-families']);
  expect(found('# EOF\n')).toEqual(['- no-families']);
});

test('labels that say where something is may hold addresses', () => {
  expect(found(gauge('{instance="192.0.2.7:9100"}'))).toEqual([]);
});

test('quantiles are guesses where many observations are above the last bound, or most in one bucket', () => {
  expect(found(histogram({ 0.1: 80, '1.0': 9, '+Inf': 11 }))).toEqual(['3 above-last-bound']);
  expect(found(histogram({ 0.1: 5, '1.0': 95, '10.0': 0, '+Inf': 0 }))).toEqual(['3 one-bucket']);
  // Of few, nothing can be said.
  expect(found(histogram({ 0.1: 0, '1.0': 0, '+Inf': 50 }))).toEqual([]);
});

test('a counter that fell between two reads is found, a gauge may fall', () => {
  const page = (n: number) =>
    `# HELP a_total Some of it.\n# TYPE a_total counter\na_total{b="c"} ${n}\n${gauge('', n)}`;
  const registry = (value: number) => [
    {
      name: 'a_total',
      type: 'counter',
      help: 'A.',
      unit: '',
      samples: [{ name: 'a_total', labels: { b: 'c' }, value }],
    } as const,
  ];
  expect(found(page(3), { earlier: registry(5) })).toEqual(['3 counter-fell']);
  expect(found(page(5), { earlier: registry(5) })).toEqual([]);
});

test('an objective needs a bucket at its latency', () => {
  const about = { name: 't_seconds', type: 'histogram', help: 'T', unit: '', labels: [], methods: [] } as const;
  const objectives = [{ class: 'Shop', method: 'order', target: 0.9, latency: 0.3 }];
  const page = histogram({ 0.1: 1, '1.0': 1, '+Inf': 0 });
  expect(found(page, { manifest: [{ ...about, objectives }] })).toEqual(['3 objective-bound']);
  expect(found(page, { manifest: [{ ...about, objectives: [{ ...objectives[0], latency: 1 }] }] })).toEqual([]);
});

test('the rules of OpenMetrics are checked, with the line', () => {
  const om = (lines: string) => `${lines}# EOF\n`;
  expect(found(om('# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# HELP a_seconds A.\na_seconds 1\n'))).toEqual([]);
  expect(
    found(
      om('# TYPE a histogram\n# HELP a Some of it.\na_bucket{le="1.0"} 2\na_bucket{le="+Inf"} 1\na_count 1\na_sum 1\n'),
    ),
  ).toEqual(['4 not-cumulative']);
  expect(found(om('# TYPE a histogram\n# HELP a Some of it.\na_bucket{le="1.0"} 2\na_count 2\na_sum 1\n'))).toEqual([
    '3 no-inf-bucket',
  ]);
  expect(found(om('# TYPE a summary\n# HELP a Some of it.\na{quantile="99"} 2\n'))).toEqual(['3 quantile-range']);
  expect(found(om('# TYPE a counter\n# HELP a Some of it.\na_total 2 # {traceId="1"} 1\n'))).toEqual(['3 trace-id']);
  expect(
    found(
      om(
        '# TYPE a histogram\n# HELP a Some of it.\na_bucket{le="1.0"} 1 # {trace_id="1"} 2\na_bucket{le="+Inf"} 1\na_count 1\na_sum 1\n',
      ),
    ),
  ).toEqual(['3 exemplar-bucket']);
});

test('what no scraper can read is one finding with its line', () => {
  expect(lintPage('# TYPE a gauge\na{b="c} 1\n')).toMatchObject([{ id: 'unreadable', severity: 'error', line: 2 }]);
  expect(found('a_total 1\nb 1\na_total{a="b"} 2\n')).toContain('3 unreadable');
});

test('a duplicate series, an empty label, a help text that says nothing, a family without samples', () => {
  expect(found(`${gauge('')}users 2\n`)).toEqual(['4 not-unique']);
  expect(found(gauge('{a=""}'))).toEqual(['3 empty-label']);
  expect(found('# HELP open_files open files\n# TYPE open_files gauge\nopen_files 1\n')).toEqual(['3 help-is-name']);
  expect(found('# HELP a_total Some of it.\n# TYPE a_total counter\n')).toEqual(['- no-samples']);
});

test('families of a registry are checked without a page', async () => {
  const registry = new Registry();
  const sizes = new Histogram({ name: 'size_kilobytes', help: 'Size.', buckets: [1, 2], registers: [registry] });
  for (let i = 0; i < 200; i++) sizes.observe(5);
  const findings = lintFamilies({ families: await registry.gather(), manifest: registry.manifest() });
  expect(findings.map(({ id, metric }) => [id, metric])).toEqual([
    ['base-unit', 'size_kilobytes'],
    ['above-last-bound', 'size_kilobytes'],
  ]);
});
