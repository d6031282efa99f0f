import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { Counted, HeapStore, metricsHandler, Registry, SharedStore, type Store, startHttpServer, Timed } from 'promark';
import { ask } from '../support/http-client.js';

const ACCEPT = 'application/vnd.promark.manifest+json';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A registry with a class that records in it. */
function shop(store: Store = new SharedStore()): { registry: Registry; define(name: string): void } {
  const registry = new Registry({ prefix: 'app_', store });
  registry.registerCollector({
    name: 'queue',
    collect: () => [
      {
        name: 'queue_length',
        type: 'gauge',
        help: 'Length',
        unit: '',
        samples: [{ name: 'queue_length', labels: { queue: 'a' }, value: 1 }],
      },
    ],
  });
  const define = (name: string) => {
    class Shop {
      @Timed({ registry, class: name, objective: { target: 0.99, latency: 0.25 } })
      @Counted({ registry, class: name, objective: { target: 0.999 } })
      order(): void {}
    }
    new Shop();
  };
  define('Shop');
  return { registry, define };
}

async function manifestAt(url: string): Promise<unknown[]> {
  const { headers, body } = await ask(url, { headers: { accept: ACCEPT } });
  expect(headers['content-type']).toBe(ACCEPT);
  return JSON.parse(body.toString());
}

function own(manifest: readonly unknown[]): unknown[] {
  return manifest.filter((family) => (family as { name: string }).name.startsWith('app_method'));
}

test.each([
  ['shared memory', () => new SharedStore()],
  ['memory of one thread', () => new HeapStore()],
])('the server has the manifest of a registry in %s, methods and objectives included', async (_, makeStore) => {
  const { registry, define } = shop(makeStore());
  const server = await startHttpServer({ port: 0, host: '127.0.0.1', registry });
  closing.push(() => server.close());
  expect(own(await manifestAt(server.url))).toEqual(registry.manifest());
  define('Stall');
  const later = registry.manifest();
  expect(later[1].methods.map((method) => method.class)).toEqual(['Shop', 'Stall']);
  const served = await manifestAt(server.url);
  expect(own(served)).toEqual(later);
  expect(served).toContainEqual(expect.objectContaining({ name: 'app_queue_length', labels: ['queue'], methods: [] }));
});

test('a handler answers with the manifest only where the client names it', async () => {
  const { registry } = shop();
  const server = createServer(metricsHandler(registry)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => server.close());
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}/`;
  expect(own(await manifestAt(url))).toEqual(registry.manifest());
  expect(await manifestAt(`${url}?name[]=app_method_calls_total`)).toHaveLength(1);
  for (const accept of ['*/*', 'application/*', 'application/json, */*', `${ACCEPT};q=0, text/plain`]) {
    const { headers } = await ask(url, { headers: { accept } });
    expect(headers['content-type']).toContain('text/plain');
  }
});
