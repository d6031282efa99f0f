import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { Counter, Registry } from 'promark';
import { run, temporaryFolder } from './running.js';

const files = temporaryFolder();
afterAll(() => files.remove());

test('parse prints the families of a page as JSON', async () => {
  const page = '# TYPE a gauge\na{b="c"} NaN\n';
  const { code, stdout } = await run(['parse', '-'], { stdin: page });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([
    { name: 'a', type: 'gauge', help: '', unit: '', samples: [{ name: 'a', labels: { b: 'c' }, value: 'NaN' }] },
  ]);
  expect(await run(['parse', '-'], { stdin: 'a{ 1\n' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('cannot be parsed: line 1'),
  });
});

const OLD = `# TYPE a counter
a_total{x="1"} 1
# TYPE b gauge
b 1
# TYPE c histogram
c_bucket{le="1.0"} 1
c_bucket{le="2.0"} 1
c_bucket{le="+Inf"} 1
c_count 1
c_sum 1
# TYPE gone gauge
gone 1
# EOF
`;
const NEW = `# TYPE a counter
a_total{x="1",y="1"} 1
# TYPE b counter
b_total 1
# TYPE c histogram
# HELP c Now with help.
c_bucket{le="1.0"} 1
c_bucket{le="4.0"} 1
c_bucket{le="+Inf"} 1
c_count 1
c_sum 1
# EOF
`;

test('diff says what a deploy changes, marks what breaks, and fails for it', async () => {
  const [old, fresh] = [files.write('old.txt', OLD), files.write('new.txt', NEW)];
  const { code, stdout } = await run(['diff', old, fresh]);
  expect(code).toBe(1);
  expect(stdout.split('\n')).toEqual([
    '! a_total now has the label y',
    '! b was removed (gauge)',
    '  b_total is new (counter)',
    '  c has another help text',
    '! c no longer has the bucket bound 2',
    '  c now has the bucket bound 4',
    '! gone was removed (gauge)',
    '7 changes, 4 of them breaking.',
    '',
  ]);
  expect(await run(['diff', old, old])).toEqual({ code: 0, stdout: 'No changes.\n', stderr: '' });
  expect(await run(['diff', '--fail-on', 'never', old, fresh])).toMatchObject({ code: 0 });
  expect(await run(['diff', old])).toMatchObject({ code: 2 });
});

test('pages of client_python are read, and its two formats are the same program', async () => {
  const [text, openMetrics] = ['client-python.txt', 'client-python.openmetrics.txt'].map((name) =>
    fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)),
  );
  for (const page of [text, openMetrics]) {
    expect(await run(['lint', page])).toMatchObject({ code: 0, stdout: 'Nothing found.\n' });
    expect(await run(['rules', page])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('a page has no objectives'),
    });
    const { tags } = JSON.parse((await run(['dashboard', page])).stdout);
    expect(tags).toEqual(['promark']);
  }
  expect(await run(['diff', text, openMetrics])).toEqual({ code: 0, stdout: 'No changes.\n', stderr: '' });
  expect(await run(['diff', openMetrics, text])).toMatchObject({ code: 0 });
});

test('what parse has printed is a source like the page', async () => {
  const page = files.write('page.om.txt', OLD);
  const parsed = files.write('page.json', (await run(['parse', page])).stdout);
  expect(await run(['diff', page, parsed])).toMatchObject({ code: 0, stdout: 'No changes.\n' });
  expect((await run(['parse', parsed])).stdout).toBe((await run(['parse', page])).stdout);
  expect(await run(['lint', parsed])).toMatchObject({ code: 2, stderr: expect.stringContaining('no lines to check') });
});

test('a family that is only added breaks nothing', async () => {
  const registry = new Registry();
  const empty = files.write('empty.json', JSON.stringify(registry.manifest()));
  new Counter({ name: 'jobs_total', help: 'Jobs', registers: [registry] });
  const more = files.write('more.json', JSON.stringify(registry.manifest()));
  expect(await run(['diff', empty, more])).toMatchObject({
    code: 0,
    stdout: '  jobs_total is new (counter)\n1 change, 0 of them breaking.\n',
  });
  expect(await run(['diff', '--fail-on', 'any', empty, more])).toMatchObject({ code: 1 });
});
