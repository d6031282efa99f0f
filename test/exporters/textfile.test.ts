import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConfigError, Counter, counterFamily, Gauge, PromarkError, Registry, register, writeToTextfile } from 'promark';

let folder: string;
let file: string;
let registry: Registry;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promark-textfile-'));
  file = join(folder, 'job.prom');
  registry = new Registry();
  new Counter({ name: 'rows_total', help: 'Rows', registers: [registry] }).inc(7);
});

afterEach(async () => {
  register.clear();
  await rm(folder, { recursive: true, force: true });
});

const PAGE = '# HELP rows_total Rows\n# TYPE rows_total counter\nrows_total 7\n';
const read = () => readFile(file, 'utf8');

describe('writeToTextfile', () => {
  test('writes text 0.0.4, whatever the registry’s format, and leaves no other file behind', async () => {
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    await writeToTextfile(file, registry);
    expect(await read()).toBe(PAGE);
    expect(await readdir(folder)).toEqual(['job.prom']);
  });

  test('writes the default registry, to a URL', async () => {
    new Gauge({ name: 'here', help: 'Here' }).set(1);
    await writeToTextfile(pathToFileURL(file));
    expect(await read()).toContain('here 1\n');
  });

  test('writes no timestamps, which the node exporter refuses', async () => {
    const old = counterFamily('old_total', 'Old', [{ value: 3, timestamp: 1_600_000_000_000 }]);
    registry.registerCollector({ name: 'old', collect: () => [old] });
    await writeToTextfile(file, registry);
    expect(await read()).toContain('\nold_total 3\n');
  });

  test('makes the file readable by all, whatever the umask', async () => {
    const umask = process.umask(0o077);
    try {
      await writeToTextfile(file, registry);
    } finally {
      process.umask(umask);
    }
    expect((await stat(file)).mode & 0o777).toBe(0o644);
  });

  test('replaces an existing file, even a read-only one', async () => {
    await writeFile(file, 'old');
    await chmod(file, 0o400);
    await writeToTextfile(file, registry);
    expect(await read()).toBe(PAGE);
  });

  test('replaces a symbolic link, and leaves its target alone', async () => {
    const target = join(folder, 'elsewhere');
    await writeFile(target, 'old');
    await symlink(target, file);
    await writeToTextfile(file, registry);
    expect((await lstat(file)).isFile()).toBe(true);
    expect([await read(), await readFile(target, 'utf8')]).toEqual([PAGE, 'old']);
  });

  test('shows readers only complete pages during concurrent writes', async () => {
    const pages = ['a', 'b'].map((name) => {
      const own = new Registry();
      const gauge = new Gauge({ name, help: name, labelNames: ['row'], registers: [own] });
      for (let row = 0; row < 2000; row++) gauge.set({ row }, row);
      return own;
    });
    const texts = await Promise.all(pages.map((own) => own.metrics()));
    await writeToTextfile(file, pages[0]);
    let writing = true;
    const writers = Promise.all(
      pages.map(async (own) => {
        for (let i = 0; i < 20; i++) await writeToTextfile(file, own);
      }),
    ).finally(() => {
      writing = false;
    });
    const seen = new Set<string>();
    while (writing) seen.add(await read());
    await writers;
    for (const text of seen) expect(texts.includes(text)).toBe(true);
    expect(await readdir(folder)).toEqual(['job.prom']);
  });
});

test('old drafts of the same file, left by killed writers, are removed', async () => {
  const id = '0b5a7c5e-1f5d-4c0a-9a53-6f5b2f0e7c11';
  const [old, young, other] = [`.job.prom.77.${id}.tmp`, `.job.prom.78.${id}.tmp`, `.other.prom.77.${id}.tmp`];
  const [note, longer] = ['.job.prom.note.tmp', `.job.prom.77.${id}.tmp.bak`];
  for (const name of [old, young, other, note, longer]) {
    await writeFile(join(folder, name), 'half a pa');
    if (name !== young) await utimes(join(folder, name), 1e9, 1e9);
  }
  await writeToTextfile(file, registry);
  expect((await readdir(folder)).sort()).toEqual([young, other, note, longer, 'job.prom'].sort());
});

describe('a file that cannot be written', () => {
  test('is reported with its path and the reason', async () => {
    const missing = join(folder, 'none', 'job.prom');
    const error = await writeToTextfile(missing, registry).catch((reason) => reason);
    expect(error).toBeInstanceOf(PromarkError);
    expect(error.message).toContain(`Cannot write the metrics to ${JSON.stringify(missing)}: ENOENT`);
    expect(error.cause).toMatchObject({ code: 'ENOENT' });
  });

  test('leaves nothing behind, and the old file unchanged', async () => {
    // A directory is not replaced by a file.
    await expect(writeToTextfile(folder, registry)).rejects.toThrow(PromarkError);
    const siblings = await readdir(tmpdir());
    expect(siblings.filter((name) => name.endsWith('.tmp') && name.includes('promark-textfile'))).toEqual([]);
  });

  test.each([[''], [undefined], [5], [new URL('http://host/job.prom')]])('is one whose path is %p', async (path) => {
    await expect(writeToTextfile(path as string, registry)).rejects.toThrow(ConfigError);
  });

  test('is never created when the registry is invalid', async () => {
    await expect(writeToTextfile(file, {} as never)).rejects.toThrow(/must be a promark Registry/);
    expect(await readdir(folder)).toEqual([]);
  });
});
