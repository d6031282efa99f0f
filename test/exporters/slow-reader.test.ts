import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Gauge, Histogram, metricsHandler, type Page, type PageSource, Registry } from 'promark';
import { PROTOBUF } from '../formats/protobuf/accept.js';

const SERIES = 60_000;
const closing: (() => unknown)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server of a page of some megabytes, on which every series has the same value. */
async function serve(keepsPages = false) {
  const registry = new Registry();
  const gauge = new Gauge({ name: 'level', help: 'Level', labelNames: ['id'], maxSeries: 0, registers: [registry] });
  const children = Array.from({ length: SERIES }, (_, i) => gauge.labels(`a-series-with-a-long-name-${i}`));
  const server = createServer(metricsHandler(keepsPages ? keeping(registry) : registry)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const { port } = server.address() as AddressInfo;
  const scrape = async (): Promise<IncomingMessage> => {
    const [response] = await once(get({ host: '127.0.0.1', port, agent: false }), 'response');
    return response;
  };
  const setAll = (value: number): void => {
    for (const child of children) child.set(value);
  };
  return { registry, setAll, scrape };
}

/** Returns the first page for ever. */
function keeping(registry: Registry): PageSource {
  let page: ReturnType<PageSource['render']> | undefined;
  return {
    render: (request) => {
      page ??= registry.render(request);
      return page;
    },
  };
}

async function valuesOf(response: AsyncIterable<Buffer>): Promise<Map<string, number>> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const counts = new Map<string, number>();
  for (const line of Buffer.concat(chunks).toString().split('\n')) {
    if (!line.startsWith('level{')) continue;
    const value = line.slice(line.indexOf('} ') + 2);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

describe('a page that a client reads slowly', () => {
  test('keeps its values while others are scraped, whose memory is used again', async () => {
    const { setAll, scrape } = await serve();
    setAll(1);
    const slow = await scrape();
    slow.pause();
    for (const value of [2, 333, 4.5, 5, 66]) {
      setAll(value);
      expect(await valuesOf(await scrape())).toEqual(new Map([[String(value), SERIES]]));
    }
    expect(await valuesOf(slow)).toEqual(new Map([['1', SERIES]]));
  });

  test('keeps its values after a client that went away in the middle', async () => {
    const { setAll, scrape } = await serve();
    setAll(1);
    const slow = await scrape();
    slow.pause();
    setAll(22);
    const gone = await scrape();
    gone.pause();
    gone.on('error', () => {});
    gone.destroy();
    setAll(3);
    expect(await valuesOf(await scrape())).toEqual(new Map([['3', SERIES]]));
    expect(await valuesOf(slow)).toEqual(new Map([['1', SERIES]]));
  });
});

describe('a page that a custom source keeps', () => {
  test('is not released when it has been sent', async () => {
    const { registry, setAll, scrape } = await serve(true);
    setAll(1);
    expect(await valuesOf(await scrape())).toEqual(new Map([['1', SERIES]]));
    setAll(2);
    await registry.render();
    expect(await valuesOf(await scrape())).toEqual(new Map([['1', SERIES]]));
  });
});

describe('page.release', () => {
  test('lets the next page be written into the same memory, and without it a page stays as it is', async () => {
    const registry = new Registry();
    const gauge = new Gauge({ name: 'level', help: 'Level', labelNames: ['id'], registers: [registry] });
    for (let i = 0; i < 1000; i++) gauge.set({ id: String(i) }, 1);
    const first = await registry.render();
    const { text } = first;
    gauge.set({ id: '5' }, 2);
    const second = await registry.render();
    expect(first.text).toBe(text);
    first.release();
    first.release();
    expect(second.text).toContain('level{id="5"} 2\n');
    second.release();
    gauge.set({ id: '5' }, 3);
    const third = await registry.render();
    const memoryOf = (page: typeof third) => page.chunks.map(({ buffer }) => buffer);
    expect(memoryOf(third).some((buffer) => [...memoryOf(first), ...memoryOf(second)].includes(buffer))).toBe(true);
    expect(third.text).toContain('level{id="5"} 3\n');
  });

  test('never changes a page that has not been released, however others are', async () => {
    const registry = new Registry();
    const gauge = new Gauge({ name: 'level', help: 'Level', labelNames: ['id'], registers: [registry] });
    let state = 7;
    const next = (): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state / 0x80000000;
    };
    const values = Array.from({ length: 1000 }, (_, i) => i);
    const open: { page: Awaited<ReturnType<Registry['render']>>; wanted: string }[] = [];
    for (let round = 0; round < 60; round++) {
      const changes = next() < 0.2 ? values.length : next() * 30;
      for (let i = 0; i < changes; i++) {
        const value = next() < 0.5 ? next() * 10 ** Math.floor(next() * 6) : Math.floor(10 ** (next() * 9));
        values[Math.floor(next() * values.length)] = value;
      }
      for (const [i, value] of values.entries()) gauge.set({ id: String(i) }, value);
      const wanted = values.map((value, i) => `level{id="${i}"} ${value}\n`).join('');
      open.push({ page: await registry.render(), wanted: `# HELP level Level\n# TYPE level gauge\n${wanted}` });
      for (const { page, wanted: text } of open) expect(page.text).toBe(text);
      if (next() < 0.8) open.splice(Math.floor(next() * open.length), 1)[0].page.release();
    }
  });

  test.each(['text/plain', PROTOBUF])(
    'does so in %s, for families of any size, whose memory is shared',
    async (accept) => {
      const registry = new Registry();
      const config = (name: string) => ({ name, help: name, labelNames: ['id'] as const, registers: [registry] });
      const large = new Gauge(config('large'));
      const small = Array.from({ length: 9 }, (_, i) => new Gauge(config(`small_${i}`)));
      const histogram = new Histogram(config('histogram'));
      const open: { page: Page; bytes: Uint8Array }[] = [];
      for (let round = 0; round < 30; round++) {
        for (let id = 0; id < 3000; id++) large.set({ id }, (id * round) % 1001);
        for (const gauge of small) for (let id = 0; id < 40; id++) gauge.set({ id }, 10 ** (round % 7) + id);
        histogram.observe({ id: round % 4 }, round);
        const page = await registry.render(accept);
        // Another registry has nothing prepared.
        const bytes = (await Registry.merge([registry]).render(accept)).body;
        open.push({ page, bytes });
        for (const each of open) expect(Buffer.compare(each.page.body, each.bytes)).toBe(0);
        if (round % 3 > 0) open.splice((round * 7) % open.length, 1)[0].page.release();
      }
    },
  );
});
