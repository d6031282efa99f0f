import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Controls how long `blocked.program.ts` blocks its main thread. */
export interface ReleaseFile {
  /** Passes the path of the file to the program. */
  readonly env: { readonly RELEASE: string };
  /** Ends the blocking. */
  release(): Promise<void>;
  remove(): Promise<void>;
}

export async function releaseFile(): Promise<ReleaseFile> {
  const folder = await mkdtemp(join(tmpdir(), 'promark-release-'));
  const file = join(folder, 'release');
  return {
    env: { RELEASE: file },
    release: () => writeFile(file, ''),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
