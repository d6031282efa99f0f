import { AssertionError } from 'node:assert';
import { createServer, type RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, metricsHandler, ParseError, parseText, Registry } from 'promark';
import { change, expectPage, expectSample, lint, sampleValue, scrape } from 'promark/testing';
import { type LoopbackServer, listenOnLoopback } from '../support/servers.js';

async function failure(promise: Promise<unknown>): Promise<AssertionError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AssertionError);
  return error as AssertionError;
}

function shop() {
  const registry = new Registry();
  const registers = [registry];
  const orders = new Counter({ name: 'orders_total', help: 'Orders', labelNames: ['tier'], registers });
  const seconds = new Histogram({ name: 'order_seconds', help: 'Time', buckets: [0.1, 1], registers });
  return { registry, orders, seconds };
}

test('a source that has no samples is named, and options of lint are checked', async () => {
  const { registry, orders } = shop();
  const refused = await failure(sampleValue(orders as never, 'orders_total'));
  expect(refused.message).toMatch(/^Samples come from a registry, .* or families, not from an object/);
  expect((await failure(expectPage(undefined as never, 'a 1'))).message).toContain('not from undefined.');
  await expect(lint(registry, { ignor: ['no-help'] } as never)).rejects.toThrow('did you mean "ignore"?');
  await expect(lint(registry, { severity: 'eror' as never })).rejects.toThrow('must be one of "info", "warning"');
});

describe('sampleValue', () => {
  test('finds the sample with exactly these labels, and nothing else', async () => {
    const { registry, orders } = shop();
    orders.inc({ tier: 'gold' }, 3);
    expect(await sampleValue(registry, 'orders_total', { tier: 'gold' })).toBe(3);
    expect(await sampleValue(registry, 'orders_total', { tier: 'silver' })).toBeUndefined();
    expect(await sampleValue(registry, 'orders_total')).toBeUndefined();
    expect(await sampleValue(registry, 'orders_total', { tier: 'gold', shop: 'a' })).toBeUndefined();
    expect(await sampleValue(registry, 'order_seconds_count')).toBe(0);
    expect(await sampleValue(registry, 'order_seconds_bucket', { le: '+Inf' })).toBe(0);
  });

  test('treats an empty label as absent, and numbers as their strings', async () => {
    const registry = new Registry();
    new Gauge({ name: 'g', help: 'g', labelNames: ['a', 'b'], registers: [registry] }).set({ a: 1, b: undefined }, 2);
    expect(await sampleValue(registry, 'g', { a: 1, b: '' })).toBe(2);
    expect(await sampleValue(registry, 'g', { a: '1' })).toBe(2);
  });

  test('sees prefix and default labels, as a scraper does', async () => {
    const { registry, orders } = shop();
    registry.setPrefix('web_');
    registry.setDefaultLabels({ app: 'x' });
    orders.inc({ tier: 'gold' });
    expect(await sampleValue(registry, 'web_orders_total', { tier: 'gold', app: 'x' })).toBe(1);
  });

  test('reads parsed families', async () => {
    expect(await sampleValue(parseText('a 1\n'), 'a')).toBe(1);
  });

  test('reads the text of a page, in either format', async () => {
    const { registry, orders } = shop();
    orders.inc({ tier: 'gold' });
    const { text } = await registry.render('application/openmetrics-text');
    expect(text).toContain('# EOF');
    expect(await sampleValue(text, 'orders_total', { tier: 'gold' })).toBe(1);
    expect(await sampleValue(await registry.metrics(), 'orders_total', { tier: 'gold' })).toBe(1);
    await expect(sampleValue('a{', 'a')).rejects.toThrow(ParseError);
  });
});

describe('expectSample', () => {
  test('accepts the value, and NaN for NaN', async () => {
    const { registry, orders } = shop();
    orders.inc({ tier: 'gold' });
    await expectSample(registry, 'orders_total', { tier: 'gold' }, 1);
    new Gauge({ name: 'g', help: 'g', registers: [registry] }).set(Number.NaN);
    await expectSample(registry, 'g', {}, Number.NaN);
  });

  test('lists the nearest samples first if there is none with these labels', async () => {
    const { registry, orders } = shop();
    orders.inc({ tier: 'silver' }, 2);
    new Counter({ name: 'order_total', help: 'o', registers: [registry] });
    new Counter({ name: 'unrelated_things', help: 'o', registers: [registry] });
    const error = await failure(expectSample(registry, 'orders_total', { tier: 'gold' }, 1));
    expect(error.message).toBe(
      'There is no sample orders_total{tier="gold"}.\nThe nearest samples:\n  orders_total{tier="silver"} 2\n  order_total 0',
    );
    expect(error).toMatchObject({ actual: undefined, expected: 1, operator: 'expectSample' });
  });

  test('says which value it found, and names what there is if nothing is similar', async () => {
    const { registry, orders } = shop();
    orders.inc({ tier: 'gold' }, 3);
    const wrong = await failure(expectSample(registry, 'orders_total', { tier: 'gold' }, 1));
    expect(wrong.message).toContain('orders_total{tier="gold"} is 3, expected 1.');
    expect(wrong).toMatchObject({ actual: 3, expected: 1 });
    const lost = await failure(expectSample(registry, 'http_requests', {}, 1));
    expect(lost.message).toContain('No sample has a similar name. Names: orders_total, order_seconds_bucket');
    const empty = await failure(expectSample(new Registry(), 'a', {}, 1));
    expect(empty.message).toContain('There are no samples.');
  });
});

describe('change', () => {
  test('gives the difference that the body makes, for one run', async () => {
    const { registry, orders, seconds } = shop();
    orders.inc({ tier: 'gold' }, 5);
    let runs = 0;
    const ordering = change(async () => {
      runs += 1;
      orders.inc({ tier: 'gold' }, 2);
      orders.inc({ tier: 'new' });
      seconds.observe(0.5);
      seconds.observe(0.25);
    }, registry);
    expect(await ordering.of(orders, { tier: 'gold' })).toBe(2);
    expect(await ordering.of(orders, { tier: 'new' })).toBe(1);
    expect(await ordering.of(orders, { tier: 'none' })).toBe(0);
    expect(await ordering.of(seconds)).toBe(2);
    expect(await ordering.of('order_seconds_sum')).toBe(0.75);
    expect(runs).toBe(1);
  });

  test('reads a metric whatever the prefix and the default labels of its registry', async () => {
    const { registry, orders } = shop();
    registry.setPrefix('web_');
    registry.setDefaultLabels({ app: 'x' });
    expect(await change(() => orders.inc({ tier: 'gold' }), registry).of(orders, { tier: 'gold' })).toBe(1);
  });

  test('refuses a metric of another registry and labels that the metric does not have', async () => {
    const { registry, orders } = shop();
    const elsewhere = await failure(change(() => {}).of(orders));
    expect(elsewhere.message).toContain('has no counter "orders_total". Pass the registry that has it');
    const unknown = await failure(change(() => {}, registry).of(orders, { teir: 'gold' }));
    expect(unknown.message).toBe('"orders_total" has no label "teir"; it has the labels tier.');
  });

  test('rejects with what the body throws', async () => {
    const { registry, orders } = shop();
    const fails = change(() => {
      throw new RangeError('no stock');
    }, registry);
    await expect(fails.of(orders)).rejects.toThrow(RangeError);
  });
});

describe('expectPage', () => {
  test('compares families, in any order of families, series and labels', async () => {
    const registry = new Registry();
    const registers = [registry];
    const b = new Counter({ name: 'b_total', help: 'B', labelNames: ['x', 'y'], registers });
    b.inc({ x: '2', y: 'q"' });
    b.inc({ x: '1', y: 'p' }, 2.5);
    const a = new Histogram({ name: 'a_seconds', help: 'A', buckets: [2, 10], registers });
    a.observe(3);
    await expectPage(
      registry,
      `
        # HELP b_total B
        # TYPE b_total counter
        b_total{y="p",x="1"} 2.5
        b_total{x="2",y="q\\""} 1
        # TYPE a_seconds histogram
        a_seconds_bucket{le="2.0"} 0
        a_seconds_bucket{le="10.0"} 1
        a_seconds_bucket{le="+Inf"} 1
        a_seconds_sum 3
        a_seconds_count 1
      `,
    );
  });

  test('shows both pages where they differ', async () => {
    const { registry, orders } = shop();
    orders.inc({ tier: 'gold' }, 2);
    const error = await failure(expectPage(registry, '# TYPE orders_total gauge\norders_total{tier="gold"} 1'));
    expect(error.actual).toBe('# TYPE orders_total counter\norders_total{tier="gold"} 2');
    expect(error.expected).toBe('# TYPE orders_total gauge\norders_total{tier="gold"} 1');
    expect(error.message).toContain('- orders_total{tier="gold"} 1\n');
    expect(error.message).toContain('+ orders_total{tier="gold"} 2');
  });

  test('fails on a family that is named and is not in the text', async () => {
    const { registry } = shop();
    await expectPage(registry, '', ['absent']);
    await failure(expectPage(registry, '', ['order_seconds']));
  });

  test('says where the expected text is malformed', async () => {
    const error = await failure(expectPage(new Registry(), 'a 1\nb{ 1'));
    expect(error.message).toContain('The expected text is not in the text format: line 2');
  });
});

describe('scrape', () => {
  let server: LoopbackServer;
  const { registry, orders } = shop();
  const page = metricsHandler(registry);

  beforeAll(async () => {
    const listener: RequestListener = (request, response) => {
      if (request.url === '/metrics') return page(request, response);
      if (request.url === '/html') response.setHeader('content-type', 'text/html');
      else response.statusCode = 404;
      return response.end('sorry');
    };
    server = await listenOnLoopback(createServer(listener));
  });

  afterAll(() => server.close());

  test('parses the page in the format that it comes in', async () => {
    orders.inc({ tier: 'gold' });
    const text = await scrape(`${server.url}/metrics`);
    expect(text.contentType).toContain('text/plain');
    expect(await sampleValue(text, 'orders_total', { tier: 'gold' })).toBe(1);
    const open = await scrape(`${server.url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
    expect(open.contentType).toContain('openmetrics');
    expect(open.text).toContain('# EOF');
    expect(await sampleValue(open, 'orders_total', { tier: 'gold' })).toBe(1);
  });

  test('rejects a response that is not a page', async () => {
    const lost = await failure(scrape(`${server.url}/x`));
    expect(lost.message).toBe(`${server.url}/x answered 404 instead of 200: sorry`);
    const html = await failure(scrape(`${server.url}/html`));
    expect(html.message).toContain('answered with text/html instead of a page');
  });
});

test('change and expectPage refuse arguments of wrong types', async () => {
  expect(() => change(5 as never)).toThrow(AssertionError);
  expect(() => change(5 as never)).toThrow('change() takes a function, got 5.');
  const { message } = await failure(expectPage(new Registry(), undefined as never));
  expect(message).toBe('The expected page must be a string, got undefined.');
});

describe('lint', () => {
  test('lists what is wrong with metrics, and what to do about it', async () => {
    const registry = new Registry();
    new Counter({ name: 'orders', help: 'Orders', registers: [registry] });
    new Gauge({ name: 'job_milliseconds', help: 'Time', registers: [registry] });
    const error = await failure(lint(registry));
    expect(error.message).toContain('orders: counter metrics should have "_total" suffix');
    expect(error.message).toContain('job_milliseconds: use base unit "seconds" instead of "milliseconds"');
    expect(error.message).toMatch(/^\d+ problems with metrics:/);
    const found = error.actual as { id: string }[];
    await lint(registry, { ignore: found.map(({ id }) => id) });
    await lint(registry, { names: ['other_total'] });
  });

  test('accepts what follows the rules', async () => {
    const { registry, orders } = shop();
    orders.inc({ tier: 'gold' });
    expect(await lint(registry)).toEqual(expect.any(Array));
  });
});
