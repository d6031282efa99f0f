import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, Registry, Summary } from 'promark';
import { FileReader } from '../../lib/processes/file-reader.js';
import { Accumulator, FileSource } from '../../lib/processes/file-source.js';
import { fold } from '../../lib/processes/fold.js';
import { accumulatorName, Folder } from '../../lib/processes/folder.js';
import type { MergeSource } from '../../lib/replica/merge/source.js';
import { mergeInto } from '../replica/merge/sources.js';
import { newFolder } from './folder.js';
import { fileStore, published } from './in-file.js';

const FAMILIES = ['requests_total', 'best', 'worst', 'latest', 'each', 'classic', 'native', 'ever', 'recent'];

/** Records something in every kind of family that outlives a process. */
function counted(path: string, factor: number): FileSource {
  const place = fileStore(path, 'buffered');
  const registry = new Registry({ store: place.store });
  const common = { help: 'h', registers: [registry] };
  const requests = new Counter({
    name: 'requests_total',
    labelNames: ['path'],
    enableExemplars: true,
    ...common,
  });
  requests.inc({ path: `/${factor}` }, factor);
  requests.inc({ labels: { path: '/' }, value: factor, exemplarLabels: { trace_id: `t${factor}` } });
  new Gauge({ name: 'best', aggregate: 'max', ...common }).set(factor);
  new Gauge({ name: 'worst', aggregate: 'min', ...common }).set(-factor);
  new Gauge({ name: 'latest', aggregate: 'mostrecent', ...common }).set(factor);
  new Gauge({ name: 'each', aggregate: 'all', ...common }).set(factor);
  const observed = [
    new Histogram({ name: 'classic', buckets: [1, 10, 100], ...common }),
    new Histogram({ name: 'native', native: { maxBuckets: 20 }, ...common }),
    new Summary({ name: 'ever', percentiles: [0.1, 0.5, 0.9], ...common }),
    new Summary({ name: 'recent', percentiles: [0.1, 0.5, 0.9], maxAgeSeconds: 600, ageBuckets: 5, ...common }),
  ];
  for (const metric of observed) for (let i = -3; i < 30; i++) metric.observe(i * factor);
  const { reader } = published(registry, place, 'buffered');
  const source = new FileSource(reader, () => ({ worker: `w${factor}` }));
  source.refresh();
  return source;
}

async function shown(sources: readonly MergeSource[]): Promise<{ lines: string[]; native: Buffer }> {
  const registry = new Registry();
  mergeInto(registry, sources);
  const { text } = await registry.render({ accept: 'application/openmetrics-text', names: FAMILIES });
  const protobuf = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
  const { body } = await registry.render({ accept: protobuf, names: ['native'] });
  return { lines: text.split('\n').sort(), native: Buffer.from(body) };
}

test('the totals of ended processes give the same page, however often they are folded', async () => {
  const folder = new Folder(newFolder(), false);
  const dead = [counted(folder.path, 2), counted(folder.path, 7)];
  const before = await shown(dead);
  let accumulator: Accumulator | undefined;
  for (let number = 1; number <= 12; number++) {
    const ids = new Set(folder.list().ids);
    expect(fold(folder, accumulator, number === 1 ? dead : [], ids)).toBe(true);
    accumulator = new Accumulator(new FileReader(join(folder.path, accumulatorName(number))), number);
    const after = await shown(accumulator.sources);
    expect(after.lines).toEqual(before.lines);
    expect(after.native.equals(before.native)).toBe(true);
  }
});

test('a gauge has the value that was set last, however soon after another process had set one', async () => {
  const folder = new Folder(newFolder(), false);
  const places = [fileStore(folder.path, 'buffered'), fileStore(folder.path, 'buffered')];
  const registries = places.map(({ store }) => new Registry({ store }));
  const gauges = registries.map((registry) => {
    return new Gauge({ name: 'latest', help: 'h', labelNames: ['id'], aggregate: 'mostrecent', registers: [registry] });
  });
  for (let id = 0; id < 100; id++) for (const i of id % 2 === 0 ? [0, 1] : [1, 0]) gauges[i].set({ id }, i);
  const expected = Array.from({ length: 100 }, (_, id) => `latest{id="${id}"} ${id % 2 === 0 ? 1 : 0}`).sort();
  const sources = registries.map((registry, i) => {
    const source = new FileSource(published(registry, places[i], 'buffered').reader, () => ({}));
    source.refresh();
    return source;
  });
  const values = async (all: readonly MergeSource[]) => (await shown(all)).lines.filter((line) => line.includes('{'));
  expect(await values(sources)).toEqual(expected);
  let accumulator: Accumulator | undefined;
  for (const [i, source] of sources.entries()) {
    expect(fold(folder, accumulator, [source], new Set(folder.list().ids))).toBe(true);
    accumulator = new Accumulator(new FileReader(join(folder.path, accumulatorName(i + 1))), i + 1);
    expect(await values([...accumulator.sources, ...sources.slice(i + 1)])).toEqual(expected);
  }
});
