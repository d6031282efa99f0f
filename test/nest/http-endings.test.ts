import { once } from 'node:events';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  type HttpServer,
  StreamableFile,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Registry } from 'promark';
import { recorded } from '../http/recorded.js';
import { ask } from '../support/http-client.js';
import { adapters, closeApps, startApp } from './running-app.js';

afterEach(closeApps);

class OutOfStock extends Error {}

@Catch(OutOfStock)
class OutOfStockFilter implements ExceptionFilter {
  constructor(private readonly server: HttpServer) {}

  catch(_error: OutOfStock, host: ArgumentsHost): void {
    this.server.reply(host.switchToHttp().getResponse(), 'none left', 410);
  }
}

let source: Readable;

@Controller('orders')
class Orders {
  @Get(':id')
  show() {
    throw new OutOfStock();
  }

  @Get(':id/file')
  file() {
    return new StreamableFile(source);
  }

  @Get(':id/broken')
  broken() {
    throw new Error('no');
  }
}

describe.each(adapters)('requests on %s are counted', (_, adapterOf) => {
  async function start() {
    const registry = new Registry();
    const { url } = await startApp(
      { registry, defaultMetrics: false },
      {
        controllers: [Orders],
        adapter: adapterOf(),
        before: (app) => app.useGlobalFilters(new OutOfStockFilter(app.get(HttpAdapterHost).httpAdapter)),
      },
    );
    return { registry, url };
  }

  test('that end in a filter, or in an uncaught error', async () => {
    const { registry, url } = await start();
    for (const path of ['/orders/1', '/orders/1/broken']) await ask(url + path);
    expect(await recorded(registry, 2)).toEqual({ 'GET /orders/:id 410': 1, 'GET /orders/:id/broken 500': 1 });
  });

  test('with a method that no route handles', async () => {
    const { registry, url } = await start();
    for (const method of ['OPTIONS', 'PURGE', 'DELETE']) await ask(`${url}/orders/1`, { method });
    expect(Object.keys(await recorded(registry, 3)).sort()).toEqual([
      'DELETE unmatched 404',
      // Express answers on its own.
      expect.stringMatching(/^OPTIONS unmatched (200|404)$/),
      'other unmatched 404',
    ]);
  });

  test('whose stream fails halfway', async () => {
    source = new Readable({ read() {} });
    const { registry, url } = await start();
    source.push('beginning');
    const [response] = await once(request(`${url}/orders/1/file`).end(), 'response');
    response.once('data', () => source.destroy(new Error('no')));
    await once(response, 'error');
    expect(await recorded(registry, 1)).toEqual({ 'GET /orders/:id/file 500': 1 });
  });
});
