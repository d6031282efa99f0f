import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, Gauge, metricsHandler, type PageSource, Registry } from 'promark';
import { ask, deferred } from '../support/http-client.js';
import { type Serving, serve } from './serving.js';

let warnings: string[];
let registry: Registry;
let serving: Serving | undefined;

beforeEach(() => {
  warnings = [];
  registry = new Registry({ logger: { warn: (message) => warnings.push(message) }, collectTimeoutMs: 20 });
  new Counter({ name: 'sound_total', help: 'S', registers: [registry] }).inc();
});

afterEach(async () => {
  await serving?.stop();
  serving = undefined;
});

async function scrape(source: PageSource = registry) {
  serving ??= await serve(metricsHandler(source));
  return ask(serving.url);
}

describe('a collect', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('no luck');
      },
      'Error: no luck',
    ],
    ['rejects', () => Promise.reject(new Error('no luck')), 'Error: no luck'],
    [
      'throws something that is not an Error',
      () => {
        throw null;
      },
      'null',
    ],
    ['never settles', () => new Promise<void>(() => {}), 'PromarkError: it took longer than 20 ms.'],
  ])('that %s loses only its own family', async (_what, collect, reason) => {
    new Gauge({ name: 'broken', help: 'B', collect, registers: [registry] });
    for (let scrapes = 1; scrapes < 4; scrapes++) {
      const { status, body } = await scrape();
      expect(status).toBe(200);
      expect(body.toString()).toContain('\nsound_total 1\n');
      expect(body.toString()).not.toContain('# TYPE broken ');
      expect(body.toString()).toContain(`\npromark_collect_errors_total{family="broken"} ${scrapes}\n`);
    }
    expect(warnings).toEqual([`promark: "broken" is left out of the page, because collecting it failed: ${reason}`]);
  });

  test('may register metrics, which are on the next page', async () => {
    const collect = () => void registry.getOrCreate(Counter, { name: 'late_total', help: 'L' }).inc();
    new Gauge({ name: 'early', help: 'E', collect, registers: [registry] });
    expect((await scrape()).body.toString()).toContain('# TYPE early gauge\n');
    expect((await scrape()).body.toString()).toContain('\nlate_total 2\n');
  });

  test('runs once for two scrapes at the same time', async () => {
    const gate = deferred();
    let calls = 0;
    const collect = () => {
      calls++;
      return gate.promise;
    };
    const slow = new Registry();
    new Gauge({ name: 'shared', help: 'S', collect, registers: [slow] });
    const bothAsked = deferred();
    let asked = 0;
    const render: PageSource['render'] = (request) => {
      const page = slow.render(request);
      if (++asked === 2) bothAsked.resolve();
      return page;
    };
    serving = await serve(metricsHandler({ render }));
    const both = [ask(serving.url), ask(serving.url)];
    await bothAsked.promise;
    gate.resolve();
    for (const { body } of await Promise.all(both)) expect(body.toString()).toContain('\nshared 0\n');
    expect(calls).toBe(1);
  });
});

describe('a page that cannot be rendered', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
  ])('because the registry %s gives a 500, and is logged', async (_what, render) => {
    const source: PageSource = { faults: registry.faults, render };
    for (let scrapes = 0; scrapes < 2; scrapes++) {
      const { status, headers, body } = await scrape(source);
      expect(status).toBe(500);
      expect(headers['content-type']).toBe('text/plain; charset=utf-8');
      expect(body.toString()).toBe('The page could not be rendered. See the log of this process.\n');
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('secret');
    expect(await registry.metrics()).toContain('{where="rendering a page"} 2\n');
  });

  test('because it cannot be sent gives a 500', async () => {
    const render: PageSource['render'] = async (request) => {
      const page = await registry.render(request);
      return Object.assign(Object.create(Object.getPrototypeOf(page)), page, { contentType: 'text/plain\n' });
    };
    expect((await scrape({ faults: registry.faults, render })).status).toBe(500);
    expect(warnings[0]).toContain('Invalid character in header content');
  });

  test('gives a 500 even if logging fails', async () => {
    const render = () => Promise.reject(new Error('secret'));
    const faults = {
      instrumentation: () => {
        throw new Error('log is full');
      },
    };
    serving = await serve(metricsHandler({ faults, render }));
    await expect(ask(serving.url)).resolves.toMatchObject({ status: 500 });
  });
});
