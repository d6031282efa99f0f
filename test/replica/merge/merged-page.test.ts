import { describe, expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, Info, Registry, type RegistryOptions, StateSet } from 'promark';
import { sampleValue } from 'promark/testing';
import { MANIFEST_TYPE } from '../../../lib/model/content-types.js';
import { addRegistration } from '../../../lib/model/method-registrations.js';
import { EndedSources } from '../../../lib/replica/merge/ended-sources.js';
import type { MergeSource } from '../../../lib/replica/merge/source.js';
import { sampleLines } from '../../support/page.js';
import { mergeInto, sourceOf } from './sources.js';

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0';
/** A registry that logs nothing. */
const quiet = (options: RegistryOptions = {}) => new Registry({ logger: { warn() {} }, ...options });

describe('a merged page', () => {
  test('has the infos, states and exemplars of all sources, and when each series began', async () => {
    const [own, other] = [quiet({ created: true }), quiet()];
    const metrics = [own, other].map((registry) => ({
      jobs: new Counter({ name: 'jobs_total', help: 'J', enableExemplars: true, registers: [registry] }),
      build: new Info({ name: 'build', help: 'B', labelNames: ['part'], registers: [registry] }),
      task: new StateSet({ name: 'task', help: 'T', states: ['starting', 'running', 'ended'], registers: [registry] }),
    }));
    const [mine, theirs] = metrics;
    mergeInto(own, [sourceOf(other, 1)]);
    mine.jobs.inc({ exemplarLabels: { id: 'older' } });
    mine.build.info({ part: 'main' }, { version: '1' });
    theirs.build.info({ part: 'worker' }, { version: '2' });
    theirs.task.state('running');
    const began = mine.jobs.createdAt(0);
    while (Date.now() === mine.jobs.exemplar(0, 0)?.timestamp);
    theirs.jobs.inc({ value: 2, exemplarLabels: { id: 'newer' } });
    expect((await own.render(OPEN_METRICS)).text).toBe(
      [
        '# TYPE jobs counter',
        '# HELP jobs J',
        `jobs_total 3 # {id="newer"} 2 ${(theirs.jobs.exemplar(0, 0)?.timestamp ?? 0) / 1000}`,
        `jobs_created ${began / 1000}`,
        '# TYPE build info',
        '# HELP build B',
        'build_info{part="main",version="1"} 1',
        'build_info{part="worker",version="2"} 1',
        '# TYPE task stateset',
        '# HELP task T',
        // The state of a source that has never set it does not count.
        'task{task="starting"} 0',
        'task{task="running"} 1',
        'task{task="ended"} 0',
        '# EOF',
        '',
      ].join('\n'),
    );
  });

  test('has exponential buckets as if the coarsest source had recorded everything', async () => {
    const make = (registry: Registry, schema: number) =>
      new Histogram({ name: 'n', help: 'N', buckets: [1], native: { schema, maxBuckets: 0 }, registers: [registry] });
    const [own, other, single] = [quiet(), quiet(), quiet()];
    const [mine, theirs, expected] = [make(own, 3), make(other, 1), make(single, 1)];
    mergeInto(own, [sourceOf(other, 1)]);
    for (const [i, value] of [0.125, 0.5, 3, 3.25, -7, 0, 1000].entries()) {
      (i % 2 === 0 ? mine : theirs).observe(value);
      expected.observe(value);
    }
    const nativeOn = async (registry: Registry) => (await registry.gather())[0].samples.at(-1)?.native;
    expect(await nativeOn(own)).toEqual(await nativeOn(single));
  });

  test('has at most maxSeries series per family, and the rest on the overflow series', async () => {
    const make = (registry: Registry) =>
      new Counter({ name: 'c_total', help: 'C', labelNames: ['id'], maxSeries: 3, registers: [registry] });
    const [own, other] = [quiet(), quiet()];
    const [mine, theirs] = [make(own), make(other)];
    mergeInto(own, [sourceOf(other, 1)]);
    for (const id of ['a', 'b']) mine.inc({ id });
    for (const id of ['b', 'c', 'd', 'e']) theirs.inc({ id }, 10);
    expect(sampleLines(await own.getSingleMetricAsString('c_total'))).toEqual([
      'c_total{id="a"} 1',
      'c_total{id="b"} 11',
      'c_total{id="c"} 10',
      'c_total{id="__overflow__"} 20',
    ]);
    theirs.inc({ id: 'd' }, 5);
    expect(await own.getSingleMetricAsString('c_total')).toContain('c_total{id="__overflow__"} 25');
  });

  test('keeps shown series apart from the overflow series when their sources end', async () => {
    const [own, first, second] = [quiet(), quiet(), quiet()];
    const count = (registry: Registry, ids: readonly string[], by: number) => {
      const registers = [registry];
      const counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['id'], maxSeries: 2, registers });
      for (const id of ids) counter.inc({ id }, by);
    };
    count(own, ['a', 'b'], 1);
    count(first, ['c', 'd'], 10);
    count(second, ['a', 'b'], 10);
    const sources: MergeSource[] = [sourceOf(first, 1)];
    const merger = mergeInto(own, sources);
    const ended = new EndedSources(['worker']);
    const page = async () => sampleLines(await own.getSingleMetricAsString('c_total'));
    const shown = [await page()];
    const end = (source: MergeSource, ...left: MergeSource[]) => {
      for (const family of source.families()) ended.fold(family, source, [merger]);
      sources.splice(0, sources.length, ended, ...left);
    };
    const later = sourceOf(second, 2);
    end(sources[0], later);
    shown.push(await page());
    end(later);
    shown.push(await page());
    const overflow = 'c_total{id="__overflow__"} 20';
    expect(shown).toEqual([
      ['c_total{id="a"} 1', 'c_total{id="b"} 1', overflow],
      ['c_total{id="a"} 11', 'c_total{id="b"} 11', overflow],
      ['c_total{id="a"} 11', 'c_total{id="b"} 11', overflow],
    ]);
  });

  test('leaves out exponential buckets that some ended source does not have', async () => {
    const [own, first, second] = [quiet(), quiet(), quiet()];
    const common = { name: 'h_seconds', help: 'H', buckets: [1] };
    new Histogram({ ...common, native: { schema: 3 }, registers: [first] }).observe(3);
    new Histogram({ ...common, registers: [second] }).observe(5);
    const ended = new EndedSources(['worker']);
    for (const source of [sourceOf(first, 1), sourceOf(second, 2)]) {
      source.flush();
      for (const family of source.families()) ended.fold(family, source);
    }
    mergeInto(own, [ended]);
    const { samples } = (await own.gather())[0];
    expect(samples.find(({ name }) => name === 'h_seconds_count')?.value).toBe(2);
    expect(samples.every(({ native }) => native === undefined)).toBe(true);
  });

  test('shows families that agree with the newest source, and counts and logs the others once', async () => {
    const warnings: string[] = [];
    const own = new Registry({ logger: { warn: (text) => warnings.push(text) } });
    const others = [quiet(), quiet()];
    new Counter({ name: 'jobs_total', help: 'J', labelNames: ['queue'], registers: [own] }).inc({ queue: 'old' });
    for (const registry of others) {
      const jobs = new Counter({
        name: 'jobs_total',
        help: 'J',
        labelNames: ['queue', 'state'],
        registers: [registry],
      });
      jobs.inc({ queue: 'new', state: 'done' });
    }
    new Counter({ name: 'same_total', help: 'S', registers: [own] }).inc();
    mergeInto(own, others.map(sourceOf));
    for (let page = 0; page < 3; page++) {
      expect(sampleLines(await own.metrics())).toEqual(
        [
          'jobs_total{queue="new",state="done"} 2',
          'same_total 1',
          'promark_conflicting_families_total{family="jobs_total"} 1',
        ].slice(0, page === 0 ? 2 : 3),
      );
    }
    expect(warnings).toEqual([expect.stringContaining('"jobs_total" is defined differently')]);
  });

  test('shows one of the families that write samples of the same name: the one of the newest live source', async () => {
    const warnings: string[] = [];
    const own = new Registry({ logger: { warn: (text) => warnings.push(text) } });
    const [older, newer] = [quiet(), quiet()];
    new Histogram({ name: 'h', help: 'H', buckets: [1], registers: [own] }).observe(1);
    new Info({ name: 'build', help: 'B', registers: [own] }).info({ version: '1' });
    for (const registry of [own, older, newer])
      new Counter({ name: 'c_total', help: 'C', registers: [registry] }).inc();
    new Gauge({ name: 'h_count', help: 'G', aggregate: 'max', registers: [older] }).set(7);
    new Gauge({ name: 'build_info', help: 'G', registers: [older] }).set(8);
    const sources = [sourceOf(older, 1)];
    mergeInto(own, sources);
    const samples = async (names: readonly string[] = []) => {
      return sampleLines((await own.render({ names })).text).filter((line) => !line.startsWith('promark_'));
    };
    const conflicts = async (family: string) => {
      return sampleValue(await own.metrics(), 'promark_conflicting_families_total', { family });
    };
    const newestOfOlder = ['c_total 2', 'h_count 7', 'build_info 8'];
    expect(await samples()).toEqual(newestOfOlder);
    expect(await samples(['h_sum'])).toEqual([]);
    expect(await conflicts('h')).toBe(1);
    expect(warnings).toEqual([
      expect.stringMatching(/"h" is left out of pages, because "h_count".* Rename one/),
      expect.stringMatching(/"build" is left out of pages, because "build_info"/),
    ]);
    new Histogram({ name: 'h', help: 'H', buckets: [1], registers: [newer] }).observe(1);
    sources.push(sourceOf(newer, 2));
    const histogram = ['h_bucket{le="1.0"} 2', 'h_bucket{le="+Inf"} 2', 'h_sum 2', 'h_count 2'];
    expect(await samples()).toEqual([...histogram, 'c_total 3', 'build_info 8']);
    expect(await samples(['h_count'])).toEqual(histogram);
    expect([await conflicts('h'), await conflicts('h_count')]).toEqual([1, 1]);
    // What has ended gives way to what is alive.
    sources.splice(1);
    sources[0].isAlive = false;
    expect((await samples()).filter((line) => !line.startsWith('h'))).toEqual([
      'build_info{version="1"} 1',
      'c_total 2',
    ]);
    expect(await samples(['h_count'])).toContain('h_count 1');
  });

  test('accepts labels in a different order from each source, and shows only its own registry on request', async () => {
    const [own, other] = [quiet(), quiet()];
    new Counter({ name: 'c_total', help: 'C', labelNames: ['a', 'b'], registers: [own] }).inc({ a: '1', b: '2' });
    new Counter({ name: 'c_total', help: 'C', labelNames: ['b', 'a'], registers: [other] }).inc({ a: '1', b: '2' });
    mergeInto(own, [sourceOf(other, 1)]);
    expect(sampleLines(await own.metrics())).toEqual(['c_total{a="1",b="2"} 2']);
    expect(sampleLines(await own.metrics({ scope: 'thread' }))).toEqual(['c_total{a="1",b="2"} 1']);
    expect((await own.getMetricsAsJSON())[0].values).toEqual([{ labels: { a: '1', b: '2' }, value: 2 }]);
  });

  test.each<[string, RegistryOptions, string]>([
    ['plain bounds', { plainBounds: true }, 'text/plain'],
    ['OpenMetrics 2.0', { openMetrics2: true }, 'application/openmetrics-text; version=2.0.0'],
  ])('has what sources have recorded since the last page, with %s as well', async (_, options, accept) => {
    const [own, other] = [quiet(options), quiet()];
    const [mine, theirs] = [own, other].map((registry) => {
      return new Counter({ name: 'c_total', help: 'C', labelNames: ['a'], registers: [registry] });
    });
    mine.inc({ a: '1' });
    mergeInto(own, [sourceOf(other, 1)]);
    for (const [total, more] of [
      [3, []],
      [5, ['c_total{a="2"} 7']],
    ] as const) {
      theirs.inc({ a: '1' }, 2);
      if (more.length > 0) theirs.inc({ a: '2' }, 7);
      const lines = sampleLines((await own.render(accept)).text);
      expect(lines.map((line) => line.replace(/ st@\S+$/, ''))).toEqual([`c_total{a="1"} ${total}`, ...more]);
    }
  });

  test('lists the methods of all sources in its manifest, including ended ones', async () => {
    const [own, living, ended] = [quiet(), quiet(), quiet()];
    const method = (name: string) => ({ decorator: 'Counted', class: 'Shop', method: name });
    for (const [registry, name] of [
      [own, 'buy'],
      [living, 'sell'],
      [ended, 'open'],
    ] as const) {
      const jobs = new Counter({ name: 'jobs_total', help: 'J', registers: [registry] });
      addRegistration(jobs, method(name));
    }
    const gone = sourceOf(ended, 2);
    gone.flush();
    const left = new EndedSources(['worker']);
    for (const family of gone.families()) left.fold(family, gone);
    const copy = new EndedSources(['worker']);
    copy.add(structuredClone(left.data()));
    for (const rest of [gone, left, copy]) {
      mergeInto(own, [sourceOf(living, 1), rest]);
      const [family] = JSON.parse((await own.render(MANIFEST_TYPE)).text);
      const methods = family.methods.map(({ method }: { method: string }) => method);
      expect(methods.sort()).toEqual(['buy', 'open', 'sell']);
    }
  });

  test('has the values of a source of one moment, however long it takes and however many pages are rendered at a time', async () => {
    const [own, other] = [quiet(), new Registry()];
    const registers = [other];
    const begun = new Counter({ name: 'begun_total', help: 'B', registers });
    const between = new Counter({ name: 'between_total', help: 'B', labelNames: ['i'], maxSeries: 0, registers });
    const done = new Counter({ name: 'done_total', help: 'D', registers });
    for (let i = 0; i < 20_000; i++) between.inc({ i });
    mergeInto(own, [sourceOf(other, 1)]);
    let turns = 0;
    let counting = true;
    setImmediate(function count() {
      begun.inc();
      done.inc();
      turns += 1;
      if (counting) setImmediate(count);
    });
    const pages = await Promise.all([own.metrics(), own.metrics(), own.metrics()]);
    counting = false;
    const shown = await Promise.all(
      pages.map((page) => Promise.all([sampleValue(page, 'begun_total'), sampleValue(page, 'done_total')])),
    );
    for (const [first, last] of shown) expect(last).toBe(first);
    expect(shown[0][0]).toBeLessThan(turns);
  });

  test('keeps the bytes of groups in which no source has changed', async () => {
    // Short lines would be joined into larger pieces.
    const name = `${'c'.repeat(100)}_total`;
    const make = (registry: Registry) => new Counter({ name, help: 'C', labelNames: ['id'], registers: [registry] });
    const [own, other] = [quiet(), quiet()];
    const [mine, theirs] = [make(own), make(other)];
    for (let id = 0; id < 5000; id++) for (const counter of [mine, theirs]) counter.inc({ id });
    mergeInto(own, [sourceOf(other, 1)]);
    const first = await own.render();
    theirs.inc({ id: 4999 });
    const second = await own.render();
    expect(second.text).toBe(first.text.replace('{id="4999"} 2', '{id="4999"} 3'));
    // The group, and the chunk that joins the head of the page with short pieces.
    const changed = second.chunks.filter((chunk) => !first.chunks.includes(chunk));
    expect(changed.length).toBeLessThanOrEqual(2);
    expect(first.chunks.length).toBeGreaterThan(3);
  });
});
