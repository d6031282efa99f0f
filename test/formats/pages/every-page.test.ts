/**
 * Pages of a registry with every metric type and option, byte for byte as they were when the fixtures were written, made
 * in the main thread and in the server's, from scratch and from what the previous page left.
 *
 * A page that changes on purpose: `WRITE_PAGES=1 npm run jest -- test/formats/pages --selectProjects standard` writes
 * the fixtures again, and the diff shows what has changed for scrapers.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Registry } from 'promark';
import { closeAll, start } from '../../exporters/servers.js';
import { ask } from '../../support/http-client.js';
import { everyOption, manySeries, REGISTRIES } from './every-option.js';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const written = process.env.WRITE_PAGES === undefined ? undefined : new Set<string>();

/** Accept headers, and the files with the pages that they get: text 1.0.0 has the same page as 0.0.4. */
const FORMATS = [
  ['text/plain;version=0.0.4', 'text.txt'],
  ['text/plain;version=1.0.0', 'text.txt'],
  ['application/openmetrics-text;version=1.0.0', 'openmetrics-1.0.txt'],
  ['application/openmetrics-text;version=2.0.0', 'openmetrics-2.0.txt'],
  ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited', 'protobuf.bin'],
];
const ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'];

const PAGES = ESCAPINGS.flatMap((escaping) =>
  FORMATS.map(([type, kind]) => ({ file: `${escaping}-${kind}`, accept: `${type};escaping=${escaping}` })),
);

afterAll(closeAll);

describe.each(Object.entries(REGISTRIES))('the pages of a %s registry', (name, options) => {
  const fixture = (file: string) => join(FIXTURES, name, file);
  // The thread knows the exemplars of lines, but not those of native buckets.
  const threadFixture = (file: string) => fixture(file.replace('protobuf.bin', 'protobuf-thread.bin'));

  test('from the main thread, patched', async () => {
    const { registry, names, later } = everyOption(options);
    for (const { accept } of PAGES) await registry.render({ accept });
    later();
    for (const { file, accept } of PAGES) same(fixture(file), (await registry.render({ accept, names })).body);
  });

  test('from the main thread, made in one go', async () => {
    const { registry, names, later } = everyOption(options);
    later();
    for (const { file, accept } of PAGES) same(fixture(file), (await registry.render({ accept, names })).body);
    for (const { file, accept } of PAGES) same(fixture(file), (await registry.render({ accept })).body);
  });

  test("from the server's thread, patched", async () => {
    const { registry, names, later } = everyOption(options);
    const { url } = await start({ registry, thread: true });
    // Without the families about the threads themselves.
    const wanted = `${url}?${names.map((wantedName) => `name[]=${encodeURIComponent(wantedName)}`).join('&')}`;
    for (const { accept } of PAGES) await ask(wanted, { headers: { accept } });
    later();
    for (const { file, accept } of PAGES) same(threadFixture(file), (await ask(wanted, { headers: { accept } })).body);
  });

  test("from the server's thread, made in one go", async () => {
    const { registry, names, later } = everyOption(options);
    later();
    const { url } = await start({ registry, thread: true });
    const wanted = `${url}?${names.map((wantedName) => `name[]=${encodeURIComponent(wantedName)}`).join('&')}`;
    for (const { file, accept } of PAGES) same(threadFixture(file), (await ask(wanted, { headers: { accept } })).body);
  });

  test('as objects', async () => {
    const { registry, later } = everyOption(options);
    later();
    same(fixture('metrics.json'), json(await registry.getMetricsAsJSON()));
    same(fixture('gathered.json'), json(await registry.gather({ created: true })));
    same(fixture('manifest.json'), json(registry.manifest()));
  });

  test('as a string, and family by family', async () => {
    const { registry, later } = everyOption(options);
    later();
    expect(await registry.metrics()).toBe((await registry.render()).text);
    const families: string[] = [];
    for (const family of registry.getMetricsAsArray()) families.push(await registry.getMetricsAsString(family));
    same(fixture('families.txt'), Buffer.from(families.join('\n\n')));
  });
});

test('the pages of a registry with more series than a group holds, by their hashes', async () => {
  const hashes = async (registry: Registry) => {
    const found: Record<string, string> = {};
    for (const { file, accept } of PAGES) {
      const { body } = await registry.render({ accept });
      found[file] = createHash('sha256').update(body).digest('hex');
    }
    return found;
  };
  const patched = manySeries();
  await hashes(patched.registry);
  patched.later();
  const found = await hashes(patched.registry);
  const atOnce = manySeries();
  atOnce.later();
  expect(await hashes(atOnce.registry)).toEqual(found);
  same(join(FIXTURES, 'many.json'), json(found));
});

/** Compares with a fixture, or writes it. Text is compared as a string, for a readable message. */
function same(file: string, bytes: Uint8Array): void {
  if (written?.has(file) === false) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    written.add(file);
  }
  const expected = readFileSync(file);
  if (expected.equals(bytes)) return;
  if (!file.endsWith('.bin')) expect(Buffer.from(bytes).toString()).toBe(expected.toString());
  throw new Error(`The page differs from ${file}, which has ${expected.length} bytes; it has ${bytes.length}.`);
}

/** As JSON in which numbers that JSON lacks are strings, and -0 differs from 0. */
function json(value: unknown): Buffer {
  const replace = (_: string, one: unknown) => {
    if (typeof one === 'bigint' || (typeof one === 'number' && !Number.isFinite(one))) return String(one);
    return Object.is(one, -0) ? '-0' : one;
  };
  return Buffer.from(`${JSON.stringify(value, replace, 1)}\n`);
}
