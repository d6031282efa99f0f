// Attacks on metrics of several processes, longer than CI has time for:
//
//   node test/load/processes.mjs load [mapped|buffered] [seconds]   kills workers under full load
//   node test/load/processes.mjs kills [mapped|buffered|fold] [n]   kills processes at every step of their work
//   node test/load/processes.mjs torn [seconds]                     reads a file while its process counts
//
// Exits with 1 if a view was wrong.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const place = mkdtempSync(join(tmpdir(), 'promark-load-'));
const folder = join(place, 'metrics');
mkdirSync(folder, { mode: 0o700 });
process.on('exit', () => rmSync(place, { recursive: true, force: true }));

const [what = 'load', ...args] = process.argv.slice(2);
await build({
  entryPoints: ['counting.program.ts', 'steps.program.ts', 'kills.ts'].map((file) =>
    join(root, 'test/processes', file),
  ),
  outdir: place,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  alias: { promark: join(root, 'lib/index.ts') },
  define: { 'import.meta.dirname': JSON.stringify(join(root, 'test/support')) },
});
const { run, sizeOf, view } = await import(pathToFileURL(join(place, 'kills.mjs')).href);

let wrong = 0;
function fault(message) {
  wrong += 1;
  console.log(`WRONG: ${message}`);
}

function bytes(pattern) {
  return readdirSync(place)
    .filter((name) => name.startsWith(pattern))
    .reduce((sum, name) => sum + statSync(join(place, name)).size, 0);
}

async function worker(number, kind) {
  const env = { ...process.env, PROMETHEUS_MULTIPROC_DIR: folder, LOG: join(place, `log-${number}`), WHO: 'load' };
  if (kind === 'mapped') env.NODE_PATH = join(root, 'node_modules');
  const child = spawn(process.execPath, [join(place, 'counting.program.mjs')], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(child.stdout, 'data');
  return { child, url: String(line).trim(), since: Date.now() };
}

function totalOn(page) {
  return Number(/^all_total (\S+)$/m.exec(page)?.[1] ?? Number.NaN);
}

async function load(kind = 'mapped', seconds = '60') {
  let number = 0;
  let workers = await Promise.all(Array.from({ length: 4 }, () => worker(number++, kind)));
  const end = Date.now() + Number(seconds) * 1000;
  let kills = 0;
  let scrapes = 0;
  let last = 0;
  let slowest = 0;
  let isRunning = true;
  const scraping = (async () => {
    while (isRunning) {
      const { url } = workers[scrapes % workers.length];
      const start = performance.now();
      try {
        const text = await (await fetch(url)).text();
        const total = totalOn(text);
        if (!(total >= last)) fault(`the total fell from ${last} to ${total}`);
        last = total;
        for (const name of ['users', 'best', 'seconds_count', 'latency_count', 'load', 'build_info']) {
          if (!text.includes(`\n${name}`)) fault(`${name} is missing`);
        }
        scrapes += 1;
        slowest = Math.max(slowest, performance.now() - start);
      } catch (error) {
        // The worker was killed while it answered.
        if (workers.some((one) => one.url === url && one.child.signalCode === null)) fault(String(error));
      }
      await pause(1000);
    }
  })();
  while (Date.now() < end) {
    await pause(300);
    const old = workers.findIndex(({ since }) => Date.now() - since > 500);
    if (old < 0) continue;
    const [victim] = workers.splice(old, 1);
    victim.child.kill('SIGKILL');
    kills += 1;
    workers.push(await worker(number++, kind));
  }
  isRunning = false;
  await scraping;
  for (const { child } of workers) {
    child.kill('SIGKILL');
    kills += 1;
  }
  workers = [];
  await pause(200);
  const logged = bytes('log-');
  const shown = await view(folder);
  for (const message of shown.wrong) fault(message);
  const lost = logged - shown.total;
  if (lost < -kills || (kind === 'mapped' && lost > 0))
    fault(`${logged} increments, ${shown.total} shown, ${kills} kills`);
  console.log(
    `${kind}: ${logged} increments logged, ${shown.total} shown, ${kills} kills, ${scrapes} scrapes (slowest ` +
      `${slowest.toFixed(0)} ms), ${readdirSync(folder).length} files left, ${wrong} wrong`,
  );
}

async function kills(work = 'fold', count = '500') {
  const log = join(place, 'log');
  let before = await view(folder);
  let steps = 0;
  for (let kill = 0; kill < Number(count); kill++) {
    if (work === 'fold' && kill % 3 === 0) {
      await run(join(place, 'steps.program.mjs'), folder, 'dead', 0, log);
      before = await view(folder);
      if (before.total !== sizeOf(log)) fault(`${before.total} shown of ${sizeOf(log)}`);
    }
    if (steps === 0) {
      steps = await run(join(place, 'steps.program.mjs'), folder, work, 0, log);
      before = await view(folder);
      continue;
    }
    const logged = sizeOf(log);
    await run(join(place, 'steps.program.mjs'), folder, work, 1 + (kill % steps), log);
    const after = await view(folder);
    for (const message of after.wrong) fault(message);
    const gained = after.total - before.total - (sizeOf(log) - logged);
    if (gained > 1 || gained < (work === 'buffered' ? -20 : 0)) fault(`step ${kill % steps}: off by ${gained}`);
    before = after;
    // Otherwise each view would read hundreds of files.
    if (work !== 'fold' && kill % 50 === 49) {
      await run(join(place, 'steps.program.mjs'), folder, 'fold', 0, log);
      if ((await view(folder)).total !== before.total) fault('folding changed the total');
    }
  }
  console.log(`${work}: ${count} kills at ${steps} steps, ${wrong} wrong`);
}

async function torn(seconds = '60') {
  const { child } = await worker(0, 'mapped');
  const end = Date.now() + Number(seconds) * 1000;
  let views = 0;
  let last = 0;
  while (Date.now() < end) {
    const { total, wrong: messages } = await view(folder);
    views += 1;
    for (const message of messages) fault(message);
    if (!(total >= last && Number.isInteger(total) && total <= last + 1e8))
      fault(`the total went from ${last} to ${total}`);
    last = total;
  }
  child.kill('SIGKILL');
  console.log(`torn: ${views} views of ${last} increments, ${wrong} wrong`);
}

await { load, kills, torn }[what](...args);
process.exit(wrong > 0 ? 1 : 0);
