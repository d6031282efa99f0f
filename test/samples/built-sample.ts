import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { endWithTests, FIRST_URL, firstMatch, plainEnvironment, repository } from '../support/processes.js';
import { until } from '../support/until.js';

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A sample, built in its own folder as by a newcomer who has copied it. */
export interface BuiltSample {
  /** Its path. */
  readonly folder: string;
  /** Runs one of its built programs to its end. */
  run(program: string, env?: NodeJS.ProcessEnv): Promise<Ended>;
  /** Runs its own tests, by the `test` script of its manifest. */
  test(): Promise<Ended>;
  /** Starts one of its built programs that is a server; waits until it has printed its URL, or what matches. */
  start(program: string, env?: NodeJS.ProcessEnv, pattern?: RegExp): Promise<Serving>;
  /** Ends the servers that run, and removes the folder. */
  remove(): Promise<void>;
}

/** A program that is a server. */
export interface Serving {
  /** The first URL that it printed, or what matched. */
  readonly url: string;
  /** Asks it to end, and waits until it has. */
  close(): Promise<Ended>;
}

/** Copies a sample, with the repository's `node_modules` in it, and builds it by the `build` script of its manifest. */
export async function buildSample(name: string): Promise<BuiltSample> {
  const temp = await realpath(await mkdtemp(join(tmpdir(), `promark-${name}-`)));
  const folder = join(temp, name);
  await cp(await builtOnce(name), folder, { recursive: true });
  const { scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const servers: ChildProcess[] = [];
  return {
    folder,
    run: (program, env) => run(folder, [program], env).ended,
    test: () => runScript(folder, scripts.test.replace(/^npm run build && /, '')),
    start: (program, env, pattern = FIRST_URL) => start(folder, program, env, pattern, servers),
    remove: () => {
      // A test that failed has not closed what it had started.
      for (const server of servers) server.kill();
      return rm(temp, { recursive: true, force: true });
    },
  };
}

const BUILT = 'built';

/** Returns the folder in which a sample is built once in a run of Jest, by the test file that needs it first. */
async function builtOnce(name: string): Promise<string> {
  const { PROMARK_TEST_RUN: shared = '' } = process.env;
  const [built, outcome] = [join(shared, name), join(shared, `${name}.outcome`)];
  const isFirst = await mkdir(built).then(
    () => true,
    () => false,
  );
  if (isFirst) await writeFile(outcome, await build(name, built).catch(String));
  const said = await until(`the build of ${name}`, () => readFileSync(outcome, 'utf8') || undefined);
  if (said !== BUILT) throw new Error(said);
  return built;
}

/** Builds a sample in a folder. Returns `BUILT`, or what is wrong with it. */
async function build(name: string, folder: string): Promise<string> {
  if (!existsSync(join(repository, 'dist/index.js'))) {
    return 'Samples use the built package, and there is none: npm run build';
  }
  await cp(join(repository, 'samples', name), folder, {
    recursive: true,
    filter: (file) => !['dist', 'node_modules'].includes(basename(file)),
  });
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const { scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const tsc = await runScript(folder, scripts.build);
  return tsc.code === 0 ? BUILT : `The sample ${name} does not compile:\n${tsc.stdout}`;
}

/** Runs a script as npm does, but with the compiler that is written in Go. */
function runScript(cwd: string, script: string): Promise<Ended> {
  const path = ['typescript-7/bin', '.bin'].map((folder) => join(repository, 'node_modules', folder));
  const PATH = [...path, process.env.PATH].join(delimiter);
  return run(cwd, ['-c', script], { PATH }, 'sh').ended;
}

function run(cwd: string, args: readonly string[], more: NodeJS.ProcessEnv = {}, program = process.execPath) {
  const child = spawn(program, args, { cwd, env: plainEnvironment(more), stdio: ['ignore', 'pipe', 'pipe'] });
  endWithTests(child);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const ended = Promise.all([text(child.stdout), text(child.stderr), exited]).then(
    ([stdout, stderr, [code]]): Ended => ({ code, stdout, stderr }),
  );
  return { child, ended };
}

async function start(
  cwd: string,
  program: string,
  env: NodeJS.ProcessEnv | undefined,
  pattern: RegExp,
  servers: ChildProcess[],
): Promise<Serving> {
  const { child, ended } = run(cwd, [program], env);
  servers.push(child);
  const url = await firstMatch(child.stdout, pattern).catch(async () => {
    const { code, stderr } = await ended;
    throw new Error(`${program} ended with ${code} before it served:\n${stderr}`);
  });
  return {
    url,
    close: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
