import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Counter, Gauge, metricsHandler, type PageSource, Registry } from 'promark';
import { ask, deferred, open, read } from '../support/http-client.js';
import { type Serving, serve } from './serving.js';

const GET = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';

/** More than a kernel buffers for a client that does not read, about 4 MB. */
const LONG = 6_000_000;

let serving: Serving;

afterEach(() => serving.stop());

function smallRegistry(): Registry {
  const registry = new Registry();
  new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc();
  return registry;
}

/** A new page each time, as if every value had changed; a short one if a name is requested. */
function longPages(length = LONG): PageSource {
  const registry = smallRegistry();
  return {
    async render(request) {
      const page = await registry.render(request);
      if (request.names.length > 0) return page;
      const chunks = Array.from({ length: length / 100_000 }, () => new Uint8Array(100_000).fill(35));
      return Object.assign(Object.create(Object.getPrototypeOf(page)), page, { chunks });
    },
  };
}

/** Bytes of pages that are still referenced. */
function liveBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().arrayBuffers;
}

/** Resolves when every connection that the server has accepted so far is closed. */
const allClosed = () => Promise.all(serving.closed);

describe('a client that goes away', () => {
  test('while the page is rendered does not affect others', async () => {
    const registry = smallRegistry();
    const [began, gate] = [deferred(), deferred()];
    const collect = () => {
      began.resolve();
      return gate.promise;
    };
    new Gauge({ name: 'slow', help: 'S', collect, registers: [registry] });
    const settled = deferred();
    const handler = metricsHandler(registry);
    serving = await serve((request, response) => handler(request, response).then(settled.resolve));
    const client = await open(serving.port);
    client.write(GET);
    await began.promise;
    const gone = allClosed();
    client.resetAndDestroy();
    await gone;
    gate.resolve();
    await settled.promise;
    expect((await ask(serving.url)).body.toString()).toContain('\na_total 1\n');
  });

  test.each(['identity', 'gzip'])(
    'in the middle of the page, encoded as %s, does not affect others',
    async (encoding) => {
      const settled = deferred();
      const handler = metricsHandler(longPages());
      serving = await serve((request, response) => handler(request, response).then(settled.resolve));
      const client = await open(serving.port);
      client.write(GET.replace('\r\n\r\n', `\r\nAccept-Encoding: ${encoding}\r\n\r\n`));
      await once(client, 'data');
      client.resetAndDestroy();
      await settled.promise;
      expect((await ask(`${serving.url}?name[]=a_total`)).status).toBe(200);
    },
  );
});

/** Clients that send a request and do not read: the kernel buffers some of the page for them. */
async function openSilently(count: number): Promise<void> {
  for (let i = 0; i < count; i++) (await open(serving.port)).pause().write(GET);
}

/** Clients that send a request and for which nothing is buffered, so any number of them fits into this process. */
async function takeSilent(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const connection = new Duplex({ read() {}, write() {} });
    serving.take(connection);
    connection.push(GET);
  }
}

describe('clients that do not read', () => {
  test('are disconnected after the send timeout', async () => {
    serving = await serve(metricsHandler(longPages(), { sendTimeoutMs: 50 }));
    await openSilently(3);
    await ask(`${serving.url}?name[]=a_total`);
    await allClosed();
  });

  test.each([
    { way: 'over the network', connect: openSilently, count: 40, maxScrapes: 10, length: LONG },
    { way: 'without one', connect: takeSilent, count: 500, maxScrapes: 50, length: LONG / 10 },
  ])('neither hold more pages than the limit nor keep the scraper waiting: $count $way', async (crowd) => {
    const { connect, count, maxScrapes, length } = crowd;
    serving = await serve(metricsHandler(longPages(length), { maxScrapes, sendTimeoutMs: 500 }));
    const before = liveBytes();
    let most = 0;
    for (let clients = 0; clients < count; clients += maxScrapes) {
      await connect(maxScrapes);
      const { status, body } = await ask(`${serving.url}?name[]=a_total`);
      expect([status, body.toString()]).toEqual([200, expect.stringContaining('\na_total 1\n')]);
      most = Math.max(most, liveBytes() - before);
    }
    await allClosed();
    // All pages together are several times that size.
    expect(most).toBeLessThan(2 * maxScrapes * length);
  });
});

test('a scrape waits for its turn while maxScrapes pages are being rendered', async () => {
  const registry = smallRegistry();
  const gates = [deferred(), deferred(), deferred()];
  const asked = gates.map(() => deferred());
  let next = 0;
  const render: PageSource['render'] = async (request) => {
    const turn = next++;
    asked[turn].resolve();
    await gates[turn].promise;
    return registry.render(request);
  };
  serving = await serve(metricsHandler({ render }, { maxScrapes: 1 }));
  const first = ask(serving.url);
  await asked[0].promise;
  const impatient = await open(serving.port);
  impatient.write(GET);
  const others = [ask(serving.url), ask(serving.url)];
  impatient.resetAndDestroy();
  await serving.closed[1];
  for (const [turn, gate] of gates.entries()) {
    await asked[turn].promise;
    expect(next).toBe(turn + 1);
    gate.resolve();
  }
  for (const { status } of await Promise.all([first, ...others])) expect(status).toBe(200);
});

test('one client that pipelines many requests has one page rendered at a time', async () => {
  const registry = smallRegistry();
  let [rendering, most] = [0, 0];
  const render: PageSource['render'] = async (request) => {
    most = Math.max(most, ++rendering);
    await new Promise(setImmediate);
    rendering--;
    return registry.render(request);
  };
  serving = await serve(metricsHandler({ render }));
  const client = await open(serving.port);
  client.write(GET.repeat(3) + GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  expect((await read(client)).split('\na_total 1\n').length).toBe(5);
  expect(most).toBe(1);
});
