// Tries what has once taken a metrics server down, in full, and prints the figures. Pipelining is in pipelining.mjs.
//
//   npm run build && node test/load/outages.mjs [readers] [thread] [gateway] [cluster]
//
// readers: connections up to the limit that send requests with short answers and never read, replaced when they are closed.
//   They run at the priority ATTACKER_NICE, and the server and the scraper at that of the script
// thread: the server's thread is terminated, time and again
// gateway: SIGTERM while a Pushgateway accepts connections and never answers
// cluster: workers that serve on one port

import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { get } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { connect, createServer } from 'node:net';
import { cpus, getPriority, loadavg, setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import threads from 'node:worker_threads';
import { readCommandLine, rule } from '../../scripts/program.mjs';
import { inWords, scrapeMeanwhile } from './scraper.mjs';

const ADDRESS = '127.0.0.1';
const CONNECTIONS = 200;
const SEND_TIMEOUT_MS = 5000;
const ATTACK_MS = 8000;
const { ATTACKER_NICE } = process.env;
const TERMINATIONS = 5;
const WORKERS = 4;
const SCRAPES = 200;

const started = [];

/** Runs a part of this file in a process of its own; resolves with the process and its first message. */
async function start(part, ...args) {
  const child = fork(fileURLToPath(import.meta.url), ['--part', part, ...args], {
    execArgv: ['--max-old-space-size=256'],
  });
  started.push(child);
  const [message] = await once(child, 'message');
  return { child, message };
}

const parts = {
  async readers(thread) {
    const { Counter, startHttpServer } = await import('../../dist/index.js');
    new Counter({ name: 'jobs_total', help: 'Jobs' }).inc();
    const { port } = await startHttpServer({
      port: 0,
      host: ADDRESS,
      maxConnections: CONNECTIONS,
      sendTimeoutMs: SEND_TIMEOUT_MS,
      methods: ['GET', 'HEAD', 'OPTIONS'],
      thread: thread === 'true',
      keepProcessAlive: true,
    });
    process.send(port);
  },

  async thread() {
    let newest;
    threads.Worker = class extends threads.Worker {
      constructor(...given) {
        super(...given);
        newest = this;
      }
    };
    syncBuiltinESMExports();
    const { Counter, startHttpServer } = await import('../../dist/index.js');
    new Counter({ name: 'jobs_total', help: 'Jobs' }).inc();
    const { port } = await startHttpServer({ port: 0, host: ADDRESS, keepProcessAlive: true });
    process.on('message', () => void newest.terminate());
    process.send(port);
  },

  async gateway(url) {
    const { Counter, Pushgateway } = await import('../../dist/index.js');
    new Counter({ name: 'jobs_total', help: 'Jobs' }).inc();
    new Pushgateway(url).pushEvery(1000, { jobName: 'outage' });
    await pause(1500);
    process.send('pushing');
  },

  async cluster() {
    if (cluster.isPrimary) {
      const ports = [];
      for (let i = 0; i < WORKERS; i++)
        cluster.fork().once('message', (port) => ports.push(port) === WORKERS && process.send(ports));
      return;
    }
    const { Gauge, startHttpServer } = await import('../../dist/index.js');
    new Gauge({ name: 'worker', help: 'Which worker this is' }).set(cluster.worker.id);
    process.send((await startHttpServer({ port: 0, host: ADDRESS, keepProcessAlive: true })).port);
  },
};

const attacks = {
  async readers() {
    for (const thread of ['true', 'false']) {
      for (const what of ['GET /nothing', 'GET /', 'HEAD /metrics', 'OPTIONS /metrics', 'POST /metrics']) {
        const { child, message: port } = await start('readers', thread);
        const stop = await scrapeMeanwhile(port);
        const priority = getPriority();
        setPriority(Number(ATTACKER_NICE ?? priority));
        const until = performance.now() + ATTACK_MS;
        const held = (
          await Promise.all(Array.from({ length: CONNECTIONS }, () => neverRead(port, what, until)))
        ).flat();
        setPriority(priority);
        const seen = await stop();
        console.log(
          `readers  ${what.padEnd(17)} ${thread === 'true' ? 'thread     ' : 'this thread'}  ${CONNECTIONS} at a time, ${held.length} in all, ` +
            `closed after at most ${Math.max(...held)} ms\n    scraper: ${inWords(seen)}`,
        );
        child.kill('SIGKILL');
      }
    }
  },

  async thread() {
    const { child, message: port } = await start('thread');
    await page(port);
    for (let i = 1; i <= TERMINATIONS; i++) {
      const begin = performance.now();
      child.send('terminate');
      await pause(5);
      let refused = 0;
      let text;
      while (text === undefined) {
        text = await page(port).catch(() => undefined);
        if (text === undefined) refused += 1;
      }
      const restarts = /promark_server_thread_restarts_total\S* (\d+)/.exec(text)?.[1] ?? 0;
      console.log(
        `thread   termination ${i}: a page again after ${Math.round(performance.now() - begin)} ms on the same port, ${refused} scrapes ` +
          `refused meanwhile, restarts so far: ${restarts}`,
      );
      await pause(500);
    }
    child.kill('SIGKILL');
  },

  async gateway() {
    const gateway = createServer(() => {});
    await once(gateway.listen(0, ADDRESS), 'listening');
    const { child } = await start('gateway', `http://${ADDRESS}:${gateway.address().port}`);
    const begin = performance.now();
    child.kill('SIGTERM');
    const [code, signal] = await once(child, 'exit');
    console.log(`gateway  ended ${Math.round(performance.now() - begin)} ms after SIGTERM, with ${signal ?? code}`);
    gateway.close();
  },

  async cluster() {
    const { child, message: ports } = await start('cluster');
    const answers = new Map();
    for (let i = 0; i < SCRAPES; i++) {
      const worker = /^worker (\d+)/m.exec(await page(ports[0]))?.[1];
      answers.set(worker, (answers.get(worker) ?? 0) + 1);
    }
    const shares = [...answers].sort().map(([worker, times]) => `worker ${worker} ${times} times`);
    console.log(
      `cluster  ${WORKERS} workers on the port${new Set(ports).size === 1 ? '' : 's'} ${[...new Set(ports)]}; ${SCRAPES} scrapes: ${shares.join(', ')}`,
    );
    child.kill('SIGTERM');
  },
};

/**
 * Keeps sending requests, four at a time, without reading, on one connection after the other; returns how long the server has
 * borne with each.
 */
async function neverRead(port, what, until) {
  const batch = `${what} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(4);
  const held = [];
  while (performance.now() < until) {
    const begin = performance.now();
    const socket = connect(port, ADDRESS).pause();
    socket.on('error', () => {});
    // A client that does not read learns of a reset when it writes.
    while (!socket.destroyed) {
      await new Promise((resolve) => socket.write(batch, resolve));
      await pause(1);
    }
    held.push(Math.round(performance.now() - begin));
  }
  return held;
}

function page(port) {
  return new Promise((resolve, reject) => {
    get({ port, host: ADDRESS, path: '/metrics', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}

const [first, part, ...args] = process.argv.slice(2);
if (first === '--part') await parts[part](...args);
else {
  const { operands: names } = readCommandLine(import.meta.url, {
    operands: { rule: rule.oneOf(Object.keys(attacks)) },
  });
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, priority ${getPriority()}`,
  );
  for (const name of names.length > 0 ? names : Object.keys(attacks)) await attacks[name]();
  for (const child of started) child.kill('SIGKILL');
}
