import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { main } from '../../lib/cli/main.js';

/** How a command ended and what it printed. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface Running {
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly isTTY?: boolean;
}

/** Runs a command line of promark in this process. */
export async function run(
  args: readonly string[],
  { stdin = '', env = {}, isTTY = false }: Running = {},
): Promise<Ran> {
  let [out, err] = ['', ''];
  const code = await main(args, {
    stdin: Readable.from([stdin]),
    stdout: { isTTY, write: (text) => (out += text) },
    stderr: { isTTY, write: (text) => (err += text) },
    env,
    version: '1.2.3',
  });
  return { code, stdout: out, stderr: err };
}

/** A folder for the files of one test, and how to remove it. */
export function temporaryFolder(): {
  path(name: string): string;
  write(name: string, content: string): string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'promark-cli-'));
  const path = (name: string) => join(folder, name);
  return {
    path,
    write(name, content) {
      writeFileSync(path(name), content);
      return path(name);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
