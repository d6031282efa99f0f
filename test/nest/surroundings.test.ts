import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type ArgumentsHost,
  type CallHandler,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  type INestApplication,
  Module,
  ValidationPipe,
  type VersioningOptions,
  VersioningType,
} from '@nestjs/common';
import { HttpAdapterHost, RouterModule } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { ConfigError, Registry } from 'promark';
import { MetricsController } from 'promark/nest';
import { map } from 'rxjs';
import { adapters, closeApps, pageAt, startApp } from './running-app.js';

afterEach(closeApps);

const options = () => ({ registry: new Registry(), defaultMetrics: { collectors: ['version' as const] } });

@Controller('pages')
class Pages {
  @Get()
  all() {
    return [];
  }
}

/** Answers 503 to every error. */
@Catch()
class EverythingFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(_: unknown, context: ArgumentsHost): void {
    this.host.httpAdapter.reply(context.switchToHttp().getResponse(), { wrapped: true }, 503);
  }
}

const wrapAnswers = {
  intercept: (_: ExecutionContext, next: CallHandler) => next.handle().pipe(map((data: unknown) => ({ data }))),
};

describe.each(adapters)('on %s the page is answered with 200', (_, adapterOf) => {
  test.each<[string, (app: INestApplication) => unknown]>([
    ['a global prefix', (app) => app.setGlobalPrefix('api')],
    ['URI versioning', (app) => app.enableVersioning({ type: VersioningType.URI })],
    ['a default version', (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' })],
    ['header versioning', (app) => app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' })],
    ['media type versioning', (app) => app.enableVersioning({ type: VersioningType.MEDIA_TYPE, key: 'v=' })],
    ['an interceptor that wraps', (app) => app.useGlobalInterceptors(wrapAnswers)],
    ['a catch-all filter', (app) => app.useGlobalFilters(new EverythingFilter(app.get(HttpAdapterHost)))],
    [
      'a strict ValidationPipe',
      (app) => app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true })),
    ],
    [
      'all of them',
      (app) => {
        app.setGlobalPrefix('api/:tenant');
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2', prefix: 'version-' });
        app.useGlobalInterceptors(wrapAnswers);
        app.useGlobalFilters(new EverythingFilter(app.get(HttpAdapterHost)));
        app.useGlobalPipes(new ValidationPipe({ forbidUnknownValues: true }));
      },
    ],
  ])('under %s', async (_, before) => {
    for (const outside of [false, true]) {
      const { url } = await startApp({ ...options(), outside }, { controllers: [Pages], before, adapter: adapterOf() });
      const response = await fetch(`${url}/metrics?name[]=nodejs_version_info`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(await response.text()).toMatch(/^# HELP nodejs_version_info .*\n.*\n.* 1\n$/);
      expect((await fetch(`${url}/metrics`, { method: 'HEAD' })).status).toBe(200);
    }
  });
});

describe.each(adapters)('your own controller on %s', (_, adapterOf) => {
  const statusesOf = async (url: string, paths: string[]) => {
    const statuses = [];
    for (const path of paths) {
      const response = await fetch(`${url}${path}`);
      await response.arrayBuffer();
      statuses.push(response.status);
    }
    return statuses;
  };

  test.each<[string, VersioningOptions]>([
    ['URI', { type: VersioningType.URI }],
    ['header', { type: VersioningType.HEADER, header: 'x-version' }],
    ['media type', { type: VersioningType.MEDIA_TYPE, key: 'v=' }],
    ['custom', { type: VersioningType.CUSTOM, extractor: () => '3' }],
  ])('has no version by default, with %s versioning', async (_, versioning) => {
    @Controller('own')
    class Own extends MetricsController {}
    const before = (app: INestApplication) => app.enableVersioning({ ...versioning, defaultVersion: '2' });
    const { url } = await startApp({ ...options(), controller: Own }, { before, adapter: adapterOf() });
    expect(await statusesOf(url, ['/own'])).toEqual([200]);
  });

  test('may have a version', async () => {
    @Controller({ path: 'own', version: '1' })
    class Own extends MetricsController {}
    const before = (app: INestApplication) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' });
    const { url } = await startApp({ ...options(), controller: Own }, { before, adapter: adapterOf() });
    expect(await statusesOf(url, ['/v1/own', '/own'])).toEqual([200, 404]);
  });

  test('is at /metrics or the path of its handler, outside the global prefix', async () => {
    @Controller()
    class Silent extends MetricsController {}
    @Controller()
    class Speaking extends MetricsController {
      @Get('prom')
      override scrape(...args: Parameters<MetricsController['scrape']>) {
        return super.scrape(...args);
      }
    }
    const parts = () => ({ before: (app: INestApplication) => app.setGlobalPrefix('api'), adapter: adapterOf() });
    const silent = await startApp({ ...options(), controller: Silent }, parts());
    expect(await statusesOf(silent.url, ['/metrics', '/', '/api'])).toEqual([200, 404, 404]);
    const speaking = await startApp({ ...options(), controller: Speaking }, parts());
    expect(await statusesOf(speaking.url, ['/prom', '/api/prom', '/metrics'])).toEqual([200, 404, 404]);
    const moved = await startApp({ ...options(), controller: Speaking, path: '/internal' }, parts());
    expect(await statusesOf(moved.url, ['/internal/prom', '/prom'])).toEqual([200, 404]);
  });

  test('may have several paths, all outside the global prefix', async () => {
    @Controller(['one', 'two'])
    class Own extends MetricsController {}
    const before = (app: INestApplication) => app.setGlobalPrefix('api');
    const { url } = await startApp({ ...options(), controller: Own }, { before, adapter: adapterOf() });
    expect(await statusesOf(url, ['/one', '/two', '/api/one', '/metrics'])).toEqual([200, 200, 404, 404]);
  });

  test('is outside the global prefix also if its controller has a path that means something in regular expressions', async () => {
    @Controller('$prom.txt')
    class Own extends MetricsController {}
    const before = (app: INestApplication) => app.setGlobalPrefix('api');
    const { url } = await startApp({ ...options(), controller: Own }, { before, adapter: adapterOf() });
    expect(await statusesOf(url, ['/$prom.txt', '/api/$prom.txt'])).toEqual([200, 404]);
  });
});

describe.each(adapters)('a global guard on %s', (_, adapterOf) => {
  const parts = () => ({
    controllers: [Pages],
    before: (app: INestApplication) => app.useGlobalGuards({ canActivate: () => false }),
    adapter: adapterOf(),
  });

  test('applies to the endpoint', async () => {
    const { url } = await startApp(options(), parts());
    expect((await fetch(`${url}/metrics`)).status).toBe(403);
  });

  test('does not apply to an endpoint outside', async () => {
    const { url } = await startApp({ ...options(), outside: true }, parts());
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
    expect((await fetch(`${url}/pages`)).status).toBe(403);
    const posted = await fetch(`${url}/metrics`, { method: 'POST' });
    expect([403, 404]).toContain(posted.status);
  });
});

describe("an app's own GET /metrics under a global prefix", () => {
  @Controller('metrics')
  class Sales {
    @Get()
    figures() {
      return 'sales';
    }
  }
  const parts = { controllers: [Sales], before: (app: INestApplication) => app.setGlobalPrefix('api') };

  test('is refused if it would be moved, with advice', async () => {
    const start = startApp(options(), parts);
    await expect(start).rejects.toThrow(ConfigError);
    await expect(start).rejects.toThrow('GET /metrics under the global prefix is a route of Sales.figures');
  });

  test('is accepted if its module has its own path', async () => {
    @Module({ controllers: [Sales] })
    class AdminModule {}
    const imports = [AdminModule, RouterModule.register([{ path: 'admin', module: AdminModule }])];
    const { url } = await startApp(options(), { imports, before: parts.before });
    expect(await pageAt(url, '/api/admin/metrics')).toBe('sales');
    expect(await pageAt(url)).toContain('nodejs_version_info');
  });

  test.each(adapters)('is accepted with an endpoint outside, on %s', async (_, adapterOf) => {
    const { url } = await startApp({ ...options(), outside: true }, { ...parts, adapter: adapterOf() });
    expect(await pageAt(url, '/api/metrics')).toBe('sales');
    expect(await pageAt(url)).toContain('nodejs_version_info');
  });

  test('is accepted with an endpoint at another path', async () => {
    const { url } = await startApp({ ...options(), path: '/prom' }, parts);
    expect(await pageAt(url, '/api/metrics')).toBe('sales');
    expect(await pageAt(url, '/prom')).toContain('nodejs_version_info');
  });
});

test('an endpoint outside is under the global prefix with underGlobalPrefix', async () => {
  const { url } = await startApp(
    { ...options(), outside: true, underGlobalPrefix: true },
    { before: (app) => app.setGlobalPrefix('api') },
  );
  expect((await fetch(`${url}/api/metrics`)).status).toBe(200);
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
});

test('an endpoint outside is at the root of an app without a global prefix', async () => {
  const { url } = await startApp({ registry: new Registry(), outside: true, underGlobalPrefix: true });
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
});

test('a document of the API has the endpoint only if its controller is your own', async () => {
  @Controller('own-metrics')
  class OwnMetrics extends MetricsController {}

  const documents: string[][] = [];
  for (const controller of [undefined, OwnMetrics]) {
    await startApp(
      { ...options(), ...(controller && { controller }), page: '/live' },
      {
        controllers: [Pages],
        before: (app) => {
          app.setGlobalPrefix('api');
          documents.push(Object.keys(SwaggerModule.createDocument(app, new DocumentBuilder().build()).paths));
        },
      },
    );
  }
  expect(documents).toEqual([['/api/pages'], expect.arrayContaining(['/api/own-metrics', '/api/pages'])]);
  expect(documents[1]).toHaveLength(2);
});
