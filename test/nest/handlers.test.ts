import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Controller, Get, Injectable, SetMetadata } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { type CustomTransportStrategy, EventPattern, MessagePattern, Payload, Server } from '@nestjs/microservices';
import { Cron, CronExpression, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Counted, Registry, Timed } from 'promark';
import { isObservable, lastValueFrom, type Observable, of } from 'rxjs';
import { closeApps, pageAt, startApp } from './running-app.js';

afterEach(closeApps);

/** How often each method of `Worker` has been called, according to the page. */
async function callsOf(url: string): Promise<Record<string, number>> {
  const counted = /^method_calls_total\{class="Worker",method="(\w+)",result="ok",exception="none"\} (\d+)$/gm;
  const timed = /^method_duration_seconds_count\{class="Worker",method="(\w+)",result="ok"\} (\d+)$/gm;
  const page = await pageAt(url);
  const matches = [...page.matchAll(counted), ...page.matchAll(timed)];
  return Object.fromEntries(matches.map(([, method = '', calls]) => [method, Number(calls)]));
}

describe('decorators above and below those of handlers', () => {
  test('@Cron', async () => {
    const ran = new EventEmitter();
    @Injectable()
    class Worker {
      @Counted()
      @Cron(CronExpression.EVERY_SECOND, { name: 'above' })
      above(): void {
        ran.emit('above');
      }

      @Cron(CronExpression.EVERY_SECOND, { name: 'below' })
      @Counted()
      below(): void {
        ran.emit('below');
      }
    }
    const options = { registry: new Registry(), defaultMetrics: false };
    const { app, url } = await startApp(options, { imports: [ScheduleModule.forRoot()], providers: [Worker] });
    const jobs = app.get(SchedulerRegistry).getCronJobs();
    expect([...jobs.keys()].sort()).toEqual(['above', 'below']);
    for (const [name, job] of jobs) {
      await job.stop();
      const done = once(ran, name);
      await job.fireOnTick();
      await done;
    }
    const calls = await callsOf(url);
    expect(calls.above).toBeGreaterThanOrEqual(1);
    expect(calls.below).toBeGreaterThanOrEqual(1);
  });

  test('@EventPattern and @MessagePattern', async () => {
    /** Carries messages within the process. */
    class Loopback extends Server implements CustomTransportStrategy {
      listen(done: () => void): void {
        done();
      }

      close(): void {}
      on(): void {}
      unwrap<T>(): T {
        throw new Error('There is no server behind it');
      }

      async deliver(pattern: string, data: unknown): Promise<unknown> {
        const answer: unknown = await this.getHandlerByPattern(pattern)?.(data);
        return isObservable(answer) ? lastValueFrom(answer) : answer;
      }
    }

    @Controller()
    class Worker {
      @Counted()
      @EventPattern('above')
      above(@Payload() data: string): string {
        return data;
      }

      @EventPattern('below')
      @Counted()
      below(@Payload() data: string): string {
        return data;
      }

      @MessagePattern('asked')
      @Timed()
      asked(@Payload() data: string): Observable<string> {
        return of(data);
      }
    }
    const strategy = new Loopback();
    const { url } = await startApp(
      { registry: new Registry(), defaultMetrics: false },
      {
        controllers: [Worker],
        before: async (app) => {
          app.connectMicroservice({ strategy });
          await app.startAllMicroservices();
        },
      },
    );
    for (const pattern of ['above', 'below', 'asked']) expect(await strategy.deliver(pattern, 'hello')).toBe('hello');
    expect(await callsOf(url)).toEqual({ above: 1, below: 1, asked: 1 });
  });

  test('@Get, and decorators like the @Process of queues, which set metadata for an explorer', async () => {
    const Process = (queue: string) => SetMetadata('queue', queue);

    @Controller('jobs')
    class Worker {
      @Counted()
      @Process('above')
      @Get('above')
      above(): string {
        return 'above';
      }

      @Get('below')
      @Process('below')
      @Counted()
      below(): string {
        return 'below';
      }

      @Get('between')
      @Counted()
      @Process('between')
      between(): string {
        return 'between';
      }
    }
    const { app, url } = await startApp(
      { registry: new Registry(), defaultMetrics: false },
      { imports: [DiscoveryModule], controllers: [Worker] },
    );
    const found: Record<string, string> = {};
    for (const { instance } of app.get(DiscoveryService).getControllers()) {
      if (!(instance instanceof Worker)) continue;
      const methods = instance as unknown as Record<string, () => string>;
      for (const name of new MetadataScanner().getAllMethodNames(Worker.prototype)) {
        const method = methods[name];
        if (method === undefined) continue;
        found[new Reflector().get<string>('queue', method)] = method.call(instance);
      }
    }
    expect(found).toEqual({ above: 'above', below: 'below', between: 'between' });
    for (const name of Object.keys(found)) expect(await pageAt(url, `/jobs/${name}`)).toBe(name);
    expect(await callsOf(url)).toEqual({ above: 2, below: 2, between: 2 });
  });
});
