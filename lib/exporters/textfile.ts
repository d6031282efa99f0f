import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, PromarkError, show } from '../model/errors.js';
import { register } from '../registry/default-registry.js';
import { checkPageSource, type PageSource } from './page-source.js';
import { reasonOf } from './reason-of.js';

/** Everybody may read it: the node exporter runs as somebody else, whatever this process' umask. */
const MODE = 0o644;

/**
 * Writes the metrics to a file for the node exporter's textfile collector, which reads what ends in `.prom` in its
 * folder. Readers see the old page or the new one, never a part: it is written to another file of the folder, brought to
 * the disk, and put in place of the old one. A file that is there keeps neither its mode nor its owner; a link that is
 * there is replaced, not followed.
 *
 * Text 0.0.4 without timestamps, which that collector refuses. Rejects with PromarkError where the file cannot be
 * written; nothing is left behind then.
 *
 * @param path The file, in a folder that exists.
 * @param registry Default: the default registry, `register`.
 *
 * @example
 * await writeToTextfile('/var/lib/prometheus/node-exporter/backup.prom');
 */
export async function writeToTextfile(path: string | URL, registry: PageSource = register): Promise<void> {
  const target = targetOf(path);
  checkPageSource(registry);
  const { chunks } = await registry.render({ accept: 'text/plain;version=0.0.4', names: [], timestamps: false });
  // Does not end in .prom, so the collector does not read it.
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.${randomUUID()}.tmp`);
  try {
    await writeNew(draft, chunks);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw new PromarkError(
      `The metrics cannot be written to ${show(target)}: ${reasonOf(error)}. The folder has to exist, and this process to be allowed to make files in it.`,
      { cause: error },
    );
  }
}

async function writeNew(file: string, chunks: readonly Uint8Array[]): Promise<void> {
  const handle = await open(file, 'wx', MODE);
  try {
    for (const chunk of chunks) await writeAll(handle, chunk);
    await handle.chmod(MODE);
    // Or a crash of the machine could leave an empty file under the name.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** One write may take less than it is given, as when the disk is nearly full. */
async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
}

function targetOf(path: unknown): string {
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path);
  if (typeof path === 'string' && path !== '') return path;
  throw new ConfigError(
    `Metrics are written to a file's path, such as "/var/lib/node/job.prom", not to ${show(path)}.`,
  );
}
