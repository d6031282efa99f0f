import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { installPacked } from '../package/packed.js';
import { endWithTests, FIRST_URL, firstMatch, plainEnvironment, repository } from '../support/processes.js';

/** What the load script prints when it ends. */
export interface LoadReport {
  readonly orders: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly lookups: Readonly<Record<string, number>>;
  readonly strays: Readonly<Record<string, number>>;
}

/** The sample shop, built in its own folder as by a newcomer who has copied it. */
export interface Shop {
  /** Opens the shop on a free port. */
  open(): Promise<OpenShop>;
  /** Starts the load script; wait for it with `end` or `stop`. */
  load(url: string, ...args: string[]): Load;
  remove(): Promise<void>;
}

export interface OpenShop {
  readonly url: string;
  /** Asks the shop to close, as Ctrl-C does, and waits until its process has ended. */
  close(): Promise<void>;
}

export interface Load {
  /** Waits until the load has finished. */
  end(): Promise<LoadReport>;
  /** Asks it to finish what is in progress. */
  stop(): Promise<LoadReport>;
}

/** Copies the sample into a project that has the packed package, and builds it. */
export async function buildShop(): Promise<Shop> {
  const project = await installPacked();
  await project.borrow('@jest', '@nestjs', '@types', 'rxjs', 'reflect-metadata');
  const folder = join(project.folder, 'nest-shop');
  await cp(join(repository, 'samples/nest-shop'), folder, {
    recursive: true,
    filter: (file) => !['dist', 'node_modules'].includes(basename(file)),
  });
  const tsc = start(folder, [join(repository, 'node_modules/typescript-7/bin/tsc'), '-b']);
  const printed = await text(tsc.stdout);
  if ((await tsc.ended) !== 0) throw new Error(`The sample does not compile:\n${printed}`);
  return {
    open: () => open(folder),
    load: (url, ...args) => load(folder, url, args),
    remove: () => project.remove(),
  };
}

async function open(folder: string): Promise<OpenShop> {
  const { child, stdout, ended } = start(folder, ['dist/src/main.js'], { PORT: '0' });
  const url = await firstMatch(stdout, FIRST_URL);
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { url, close };
}

function load(folder: string, url: string, args: readonly string[]): Load {
  const { child, stdout, ended } = start(folder, ['dist/load/main.js', '--url', url, ...args]);
  const report = text(stdout);
  const end = async () => {
    if ((await ended) !== 0) throw new Error(`The load failed: ${await report}`);
    return JSON.parse(await report) as LoadReport;
  };
  return {
    end,
    stop: () => {
      child.kill('SIGTERM');
      return end();
    },
  };
}

function start(cwd: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: plainEnvironment(more),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  endWithTests(child);
  return { child, stdout: child.stdout, ended };
}
