import type { FileHandle } from 'node:fs/promises';
import { ConfigError, PromarkError, reasonOf, show } from '../model/errors.js';
import { builtin } from '../model/load-at-runtime.js';
import { register } from '../processes/register.js';
import { checkPageSource, type PageSource, releaseSent } from './page-source.js';

/** Readable by everyone, regardless of the umask: the node exporter runs as another user. */
const MODE = 0o644;

/**
 * Writes the metrics to a file for the node exporter's textfile collector, which reads every `*.prom` file of its
 * folder. Readers see either the old page or the new one, never a partial one: the page is written to a temporary file
 * in the same folder, synced to disk, and renamed. An existing file keeps neither its mode nor its owner; a link is
 * replaced, not followed.
 *
 * The page is text 0.0.4 without timestamps, which the collector rejects. Rejects with ConfigError for an invalid path
 * or registry, and with PromarkError if the file cannot be written; the temporary file is then removed. Temporary files
 * left by a killed process are removed once they are a minute old.
 *
 * @param path The file, in an existing folder.
 * @param registry Default: the default registry, `register`.
 *
 * @example
 * await writeToTextfile('/var/lib/prometheus/node-exporter/backup.prom');
 */
export async function writeToTextfile(path: string | URL, registry: PageSource = register): Promise<void> {
  const target = filePathOf(path);
  checkPageSource(registry);
  const page = await registry.render({ accept: 'text/plain;version=0.0.4', names: [], timestamps: false });
  // Does not end in .prom, so the collector ignores it.
  const { basename, dirname, join } = builtin('node:path');
  const { rename, rm } = builtin('node:fs/promises');
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.${builtin('node:crypto').randomUUID()}.tmp`);
  try {
    await writeNew(draft, page.chunks);
    releaseSent(registry, page);
    await rename(draft, target);
    await removeOldDrafts(target);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw new PromarkError(
      `Cannot write the metrics to ${show(target)}: ${reasonOf(error)}. The path must be that of a file, in an existing folder in which this process may create files.`,
      { cause: error },
    );
  }
}

async function writeNew(file: string, chunks: readonly Uint8Array[]): Promise<void> {
  const handle = await builtin('node:fs/promises').open(file, 'wx', MODE);
  try {
    for (const chunk of chunks) await writeAll(handle, chunk);
    await handle.chmod(MODE);
    // Otherwise a machine crash could leave an empty file under the final name.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The format of `randomUUID`, after the process id. */
const DRAFT = /^\d+\.[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

/** Longer than any write takes, in milliseconds. */
const OLD_MS = 60_000;

/** Removes temporary files left by killed writers of the same file. Never rejects, since the page has been written. */
async function removeOldDrafts(target: string): Promise<void> {
  const { basename, dirname, join } = builtin('node:path');
  const { readdir, rm, stat } = builtin('node:fs/promises');
  const [folder, start] = [dirname(target), `.${basename(target)}.`];
  const names = await readdir(folder).catch(() => []);
  const drafts = names.filter((name) => name.startsWith(start) && DRAFT.test(name.slice(start.length)));
  const removed = drafts.map(async (name) => {
    const draft = join(folder, name);
    if (Date.now() - (await stat(draft)).mtimeMs > OLD_MS) await rm(draft, { force: true });
  });
  await Promise.allSettled(removed);
}

/** A single `write` may be partial, for example if the disk is nearly full. */
async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
}

function filePathOf(path: unknown): string {
  if (path instanceof URL && path.protocol === 'file:') return builtin('node:url').fileURLToPath(path);
  if (typeof path === 'string' && path !== '') return path;
  throw new ConfigError(`writeToTextfile expects a file path such as "/var/lib/node/job.prom", got ${show(path)}.`);
}
