import { inspect } from 'node:util';
import { beforeEach, expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, Info, Registry, StateSet, Summary } from 'promark';

let registers: Registry[];
const config = { name: 'm', help: 'M', labelNames: ['a'] } as const;

beforeEach(() => {
  registers = [new Registry()];
});

test('a metric is shown in a few lines: type, name, labels, series and the first samples', () => {
  const hits = new Counter({ ...config, labelNames: ['method', 'path'], registers });
  expect(inspect(hits)).toBe('counter "m" (labels: method, path; 0 series)');
  hits.inc({ method: 'GET', path: '/"' }, 2);
  expect(inspect(hits)).toBe('counter "m" (labels: method, path; 1 series)\n  m{method="GET",path="/\\""} 2');
  for (let i = 0; i < 9; i++) hits.inc({ method: 'PUT', path: i });
  expect(inspect(hits).split('\n')).toHaveLength(7);
  expect(inspect(hits)).toMatch(/10 series\)\n.*\n {2}…$/s);
  expect(inspect(hits.curry({ method: 'GET' }))).toBe('counter "m" with some labels given (labels: path left)');
});

test.each<[string, () => object]>([
  ['gauge', () => new Gauge({ ...config, registers })],
  ['histogram', () => new Histogram({ ...config, registers })],
  ['histogram', () => new Histogram({ ...config, registers, native: true })],
  ['summary', () => new Summary({ ...config, registers })],
  ['stateset', () => new StateSet({ ...config, registers, states: ['on', 'off'] })],
])('a %s and its children are shown likewise', (type, make) => {
  const metric = make() as Gauge<'a'>;
  const child = metric.labels('x');
  expect(inspect(metric)).toMatch(new RegExp(`^${type} "m" \\(labels: a; 1 series\\)\\n  m`));
  expect(inspect(metric).split('\n').length).toBeLessThan(8);
  expect(inspect(child)).toMatch(new RegExp(`^series of ${type} "m"`));
  expect(inspect(child).split('\n').length).toBeLessThan(8);
  metric.remove('x');
  expect(inspect(child)).toMatch(/ "m", removed$/);
});

test('an Info and a registry are shown likewise', () => {
  const build = new Info({ name: 'build', help: 'B', registers });
  build.info({ version: '1.2.3' });
  expect(inspect(build)).toBe('info "build" (no labels; 1 series)\n  build_info{version="1.2.3"} 1');
  expect(inspect(registers[0])).toBe('Registry (1 metrics: build)');
  expect(inspect({ build })).toContain('info "build"');
});
