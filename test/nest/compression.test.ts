import fastifyCompress from '@fastify/compress';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import compression from 'compression';
import { Registry } from 'promark';
import { closeApps, startApp } from './running-app.js';

afterEach(closeApps);

@Controller('pages')
class Pages {
  @Get()
  long() {
    return { text: 'x'.repeat(5000) };
  }
}

interface Plugged {
  register?(plugin: unknown, options: object): unknown;
  use(middleware: unknown): unknown;
}

describe.each([
  ['Express', () => new ExpressAdapter(), (app: Plugged) => app.use(compression({ threshold: 0 }))],
  [
    'Fastify',
    () => new FastifyAdapter(),
    (app: Plugged) => app.register?.(fastifyCompress, { threshold: 0, global: true }),
  ],
])('with a plugin that compresses, on %s', (_, adapterOf, before) => {
  test.each([false, true])('the page is compressed once, or plain, with outside: %s', async (outside) => {
    const { url } = await startApp(
      { registry: new Registry(), outside },
      { controllers: [Pages], adapter: adapterOf(), before: (app) => before(app as unknown as Plugged) },
    );
    const ask = (path: string, encoding: string) =>
      fetch(`${url}${path}`, { headers: { 'accept-encoding': encoding } });
    expect((await ask('/pages', 'gzip')).headers.get('content-encoding')).toBe('gzip');
    const packed = await ask('/metrics?name[]=nodejs_version_info', 'gzip');
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    const plain = await ask('/metrics?name[]=nodejs_version_info', 'identity');
    expect(plain.headers.get('content-encoding')).toBeNull();
    const page = await plain.text();
    expect(page).toContain('# TYPE nodejs_version_info gauge\n');
    expect(await packed.text()).toBe(page);
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});
