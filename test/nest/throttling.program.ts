import { Controller, type DynamicModule, Get, Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SkipThrottle, Throttle, ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { Registry } from 'promark';
import { MetricsController, PrometheusModule } from 'promark/nest';

// Run by throttling.test.ts: prints the statuses of four requests for a page and for the metrics of each app.
/** Far longer than the four requests take, on any machine. */
const TTL_MS = 3_600_000;

@Controller('pages')
class Pages {
  @Get()
  all() {
    return [];
  }
}

@Throttle({ short: { ttl: TTL_MS, limit: 3 } })
@SkipThrottle({ default: false })
class Throttled extends MetricsController {}

class HandlerThrottled extends MetricsController {
  @Get()
  @Throttle({ short: { ttl: TTL_MS, limit: 3 } })
  override scrape(...args: Parameters<MetricsController['scrape']>) {
    return super.scrape(...args);
  }
}

const limit = { ttl: TTL_MS, limit: 2 };
const named = [
  { name: 'short', ...limit },
  { name: 'long', ttl: 2 * TTL_MS, limit: 2 },
];
const later = async () => ({ throttlers: [limit, ...named] });

const throttles: Record<string, DynamicModule> = {
  unnamed: ThrottlerModule.forRoot([limit]),
  named: ThrottlerModule.forRoot(named),
  'in options': ThrottlerModule.forRoot({ throttlers: named }),
  later: ThrottlerModule.forRootAsync({ useFactory: later }),
};

async function tell(title: string, throttler: DynamicModule, controller?: typeof MetricsController, fastify = false) {
  const options = { registry: new Registry(), ...(controller && { controller }) };
  @Module({
    imports: [PrometheusModule.forRoot(options), throttler],
    providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    controllers: [Pages],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule, fastify ? new FastifyAdapter() : new ExpressAdapter(), {
    logger: false,
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const statuses: Record<string, number[]> = { pages: [], metrics: [] };
  for (const [path, list] of Object.entries(statuses)) {
    for (let i = 0; i < 4; i++) {
      const response = await fetch(`${url}/${path}`);
      // A response that is not read would keep the app from closing for ten seconds.
      await response.text();
      list.push(response.status);
    }
  }
  console.log(`${title}: ${statuses.pages?.join(' ')} | ${statuses.metrics?.join(' ')}`);
  await app.close();
}

for (const [title, throttler] of Object.entries(throttles)) await tell(title, throttler);
await tell('on Fastify', ThrottlerModule.forRoot(named), undefined, true);
await tell('by its own controller', ThrottlerModule.forRoot(named), Throttled);
await tell('by its own handler', ThrottlerModule.forRoot(named), HandlerThrottled);
