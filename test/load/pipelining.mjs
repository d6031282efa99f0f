// Attacks an exporter with connections that pipeline requests and never read, and prints what it costs the server.
//
//   npm run build && node test/load/pipelining.mjs [exporter …] [--requests 500000] [--connections 1,200] [--seconds 60]
//     [--what 'GET /metrics,HEAD /metrics'] [--attacker-nice 10] [--out results.json]
//
// The server has a heap of 256 MB. Figures: requests sent, connections opened to send them, the peak of the server's
// resident memory, and how long a second scraper waited before and during the attack. With `--attacker-nice`, the attacker
// runs at that priority and the server and the scraper at the one the script was started with, as if the attacker were on
// another machine. `bare` and `bare-fetch` answer with the same page, made once, and have no protection.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { cpus, getPriority, loadavg, setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readCommandLine, rule } from '../../scripts/program.mjs';
import { inWords, scrapeMeanwhile } from './scraper.mjs';

const ADDRESS = '127.0.0.1';
const promarkFrom = process.env.PROMARK_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));
const load = (file) => import(pathToFileURL(`${promarkFrom}/${file}`).href);

/** Starts one kind of exporter and returns its port. */
const exporters = {
  async bare(promark) {
    const page = await promark.register.metrics();
    return listening(createServer((_, response) => void response.end(page)));
  },
  async handler(promark) {
    return listening(createServer(promark.metricsHandler()));
  },
  async thread(promark) {
    return (await promark.startHttpServer({ port: 0, host: ADDRESS, keepProcessAlive: true })).port;
  },
  async 'this-thread'(promark) {
    return (await promark.startHttpServer({ port: 0, host: ADDRESS, thread: false, keepProcessAlive: true })).port;
  },
  async fastify() {
    const [{ default: fastify }, { metricsEndpoint }] = await Promise.all([import('fastify'), load('fastify.js')]);
    const app = fastify();
    app.register(metricsEndpoint());
    await app.listen({ port: 0, host: ADDRESS });
    return app.server.address().port;
  },
  async 'bare-fetch'(promark) {
    const page = await promark.register.metrics();
    return listeningFetch(async () => new Response(page));
  },
  fetch: (promark) => listeningFetch(promark.fetchHandler()),
  'nest-express': () => nestOn('platform-express', 'ExpressAdapter'),
  'nest-fastify': () => nestOn('platform-fastify', 'FastifyAdapter'),
  // Every request is answered 401, by a guard.
  'nest-express-auth': () => nestOn('platform-express', 'ExpressAdapter', { auth: { bearer: 'token' } }),
  'nest-fastify-auth': () => nestOn('platform-fastify', 'FastifyAdapter', { auth: { bearer: 'token' } }),
};

async function nestOn(platform, adapter, options = {}) {
  await import('reflect-metadata');
  const [{ Module }, { NestFactory }, on, { PrometheusModule }] = await Promise.all([
    import('@nestjs/common'),
    import('@nestjs/core'),
    import(`@nestjs/${platform}`),
    load('nest.js'),
  ]);
  class App {}
  Module({ imports: [PrometheusModule.forRoot(options)] })(App);
  const app = await NestFactory.create(App, new on[adapter](), { logger: false });
  await app.listen(0, ADDRESS);
  return app.getHttpServer().address().port;
}

async function listening(server) {
  await once(server.listen(0, ADDRESS), 'listening');
  return server.address().port;
}

/** Serves a handler for `Request`s as adapters for Node do, which are in charge of its connections. */
async function listeningFetch(handler) {
  const { Readable } = await import('node:stream');
  return listening(
    createServer(async (request, response) => {
      const { method, headers } = request;
      const answer = await handler(new Request(`http://x${request.url}`, { method, headers }));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (answer.body === null || method === 'HEAD') response.end();
      else
        Readable.fromWeb(answer.body)
          .on('error', () => response.destroy())
          .pipe(response);
    }),
  );
}

async function runServer(name) {
  const promark = await load('index.js');
  promark.collectDefaultMetrics();
  const rows = new promark.Gauge({ name: 'rows', help: 'Rows', labelNames: ['row'] });
  for (let row = 0; row < 200; row++) rows.set({ row: `row ${row}` }, row);
  process.send({ port: await exporters[name](promark) });
}

/** The most resident memory that a process has had, in MB. */
function peakMemory(pid) {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(kilobytes?.[1]) / 1024);
}

/** Sends so many requests over so many connections, each of which is replaced when it is closed. Never reads. */
async function attack(port, text, { requests, connections, until }) {
  const batch = Buffer.from(text.repeat(Math.ceil(60_000 / text.length)));
  const each = batch.length / text.length;
  const counts = { sent: 0, opened: 0 };
  const one = async () => {
    while (counts.sent < requests && Date.now() < until) {
      const socket = connect(port, ADDRESS).pause();
      counts.opened += 1;
      socket.on('error', () => {});
      const closed = once(socket, 'close').catch(() => {});
      const left = () => until - Date.now();
      while (!socket.destroyed && counts.sent < requests && left() > 0) {
        counts.sent += each;
        // A client that does not read learns of a reset when it writes again.
        const isTaken = socket.write(batch);
        await pause(10);
        if (isTaken || socket.writableLength === 0) continue;
        await Promise.race([once(socket, 'drain').catch(() => {}), closed, pause(Math.max(0, left()), undefined)]);
      }
      // What the kernel still holds has to reach the server.
      if (!socket.destroyed) await Promise.race([closed, pause(Math.min(3000, Math.max(0, left())))]);
      socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  return counts;
}

/** The processor time that a process has used, in ms. */
function processorTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measure(name, what, text, options) {
  const server = fork(fileURLToPath(import.meta.url), ['--server', name], { execArgv: ['--max-old-space-size=256'] });
  const exited = once(server, 'exit');
  const [{ port }] = await once(server, 'message');
  await pause(500);
  const stopAlone = await scrapeMeanwhile(port);
  await pause(1500);
  const before = await stopAlone();
  const stop = await scrapeMeanwhile(port);
  const [begin, memoryBefore, used] = [performance.now(), peakMemory(server.pid), processorTime(server.pid)];
  const priority = getPriority();
  setPriority(options.attackerNice ?? priority);
  const { sent, opened } = await attack(port, text, { ...options, until: Date.now() + options.seconds * 1000 });
  setPriority(priority);
  const during = await stop();
  const alive = server.exitCode === null && server.signalCode === null;
  const { connections } = options;
  const result = {
    exporter: name,
    what,
    connections,
    alive,
    sent: Math.round(sent),
    opened,
    seconds: Number(((performance.now() - begin) / 1000).toFixed(1)),
    serverMs: alive ? processorTime(server.pid) - used : undefined,
    memoryMB: [memoryBefore, alive ? peakMemory(server.pid) : undefined],
    scraperMs: { before, during },
  };
  console.log(
    `${name.padEnd(19)} ${what.padEnd(14)} ${String(connections).padStart(4)} at a time  ${alive ? 'alive' : 'DEAD '}  ` +
      `${result.sent} requests on ${opened} connections in ${result.seconds} s, ${result.serverMs} ms of processor time  ` +
      `${result.memoryMB.join(' → ')} MB\n    before: ${inWords(before)}\n    during: ${inWords(during)}`,
  );
  server.kill('SIGKILL');
  await exited;
  return result;
}

const { values, operands } = readCommandLine(import.meta.url, {
  operands: { rule: rule.oneOf(Object.keys(exporters)) },
  options: {
    server: { type: 'string' },
    requests: { type: 'string', default: '500000', rule: rule.wholeNumber(1) },
    connections: { type: 'string', default: '1,200', rule: rule.listOf(rule.wholeNumber(1)) },
    seconds: { type: 'string', default: '60', rule: rule.number(0) },
    'attacker-nice': { type: 'string', rule: rule.wholeNumber(-20) },
    out: { type: 'string' },
    what: { type: 'string', default: 'GET /metrics,HEAD /metrics,GET /nothing,OPTIONS /metrics' },
  },
});

if (values.server !== undefined) await runServer(values.server);
else {
  const attackerNice = values['attacker-nice'] === undefined ? undefined : Number(values['attacker-nice']);
  const command = `node test/load/pipelining.mjs ${process.argv.slice(2).join(' ')}`;
  const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`;
  console.log(`${machine}, priority ${getPriority()}`);
  const results = [];
  for (const name of operands.length > 0 ? operands : Object.keys(exporters)) {
    for (const what of values.what.split(',')) {
      for (const connections of values.connections.split(',').map(Number)) {
        const text = `${what} HTTP/1.1\r\nHost: x\r\n\r\n`;
        const [requests, seconds] = [Number(values.requests), Number(values.seconds)];
        results.push(await measure(name, what, text, { requests, connections, seconds, attackerNice }));
      }
    }
  }
  if (values.out !== undefined) {
    writeFileSync(
      values.out,
      `${JSON.stringify({ machine, priority: getPriority(), command, results }, undefined, 2)}\n`,
    );
  }
}
