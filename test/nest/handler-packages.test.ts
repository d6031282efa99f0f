import { type EventEmitter, once } from 'node:events';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { BullModule, Processor, WorkerHost } from '@nestjs/bullmq';
import { type INestApplication, Injectable } from '@nestjs/common';
import {
  CommandBus,
  CommandHandler,
  CqrsModule,
  EventBus,
  EventsHandler,
  type ICommandHandler,
  type IEventHandler,
  type IQueryHandler,
  QueryBus,
  QueryHandler,
} from '@nestjs/cqrs';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { Args, Field, GraphQLModule, Int, Mutation, ObjectType, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { WsAdapter } from '@nestjs/platform-ws';
import { Cron, Interval, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Registry, Timed } from 'promark';
import { recorded, valuesOf } from '../http/recorded.js';
import { until } from '../support/until.js';
import { closeApps, startApp } from './running-app.js';

/** From the package that the adapter is built on, which has no types. */
const WebSocket: new (url: string) => EventEmitter & { send(text: string): void; close(): void } = createRequire(
  import.meta.url,
)('ws');

afterEach(closeApps);

const quiet = { defaultMetrics: false, http: false } as const;

describe('handlers are measured of', () => {
  test('@nestjs/event-emitter', async () => {
    @Injectable()
    class Listeners {
      @OnEvent('order.placed')
      async placed(): Promise<void> {}

      @OnEvent('order.lost', { suppressErrors: true })
      @OnEvent('order.broken')
      lost(): void {
        throw new Error('no');
      }
    }
    const registry = new Registry();
    const parts = { imports: [EventEmitterModule.forRoot()], providers: [Listeners] };
    const { app } = await startApp({ registry, ...quiet }, parts);
    const emitter = app.get(EventEmitter2);
    await emitter.emitAsync('order.placed', { id: 1 });
    await emitter.emitAsync('order.placed', { id: 2 });
    await emitter.emitAsync('order.lost');
    expect(await valuesOf(registry, 'event_handler_duration_seconds', '_count')).toMatchObject({
      'ok order.placed': 2,
      'error order.lost|order.broken': 1,
    });
  });

  test('@nestjs/schedule', async () => {
    @Injectable()
    class Jobs {
      @Cron('0 0 1 1 *', { name: 'stocktaking' })
      async takeStock(): Promise<void> {}

      @Interval(10)
      sweep(): void {}
    }
    const registry = new Registry();
    const { app } = await startApp({ registry, ...quiet }, { imports: [ScheduleModule.forRoot()], providers: [Jobs] });
    await app.get(SchedulerRegistry).getCronJob('stocktaking').fireOnTick();
    await until('both jobs', async () => {
      const counts = await valuesOf(registry, 'scheduled_job_duration_seconds', '_count');
      return (counts['ok stocktaking'] ?? 0) >= 1 && (counts['ok Jobs.sweep'] ?? 0) >= 1;
    });
  });

  test('@nestjs/cqrs', async () => {
    class Place {
      constructor(readonly tier: string) {}
    }
    class Count {}
    class Placed {}
    class Paid {}

    @CommandHandler(Place)
    class PlaceHandler implements ICommandHandler<Place> {
      async execute({ tier }: Place): Promise<string> {
        if (tier === 'none') throw new Error('no');
        return tier;
      }
    }
    @QueryHandler(Count)
    class CountHandler implements IQueryHandler<Count> {
      async execute(): Promise<number> {
        return 3;
      }
    }
    @EventsHandler(Placed, Paid)
    class Logbook implements IEventHandler<Placed | Paid> {
      handle(): void {}
    }
    const registry = new Registry();
    const providers = [PlaceHandler, CountHandler, Logbook];
    const { app } = await startApp({ registry, ...quiet }, { imports: [CqrsModule.forRoot()], providers });
    expect(await app.get(CommandBus).execute(new Place('gold'))).toBe('gold');
    await expect(app.get(CommandBus).execute(new Place('none'))).rejects.toThrow('no');
    expect(await app.get(QueryBus).execute(new Count())).toBe(3);
    app.get(EventBus).publish(new Placed());
    app.get(EventBus).publish(new Paid());
    await until('all handlers', async () => {
      const counts = await valuesOf(registry, 'cqrs_handler_duration_seconds', '_count');
      return Object.keys(counts).length === 5 && Object.values(counts).every((count) => count === 1) && counts;
    });
    expect(await valuesOf(registry, 'cqrs_handler_duration_seconds', '_count')).toEqual({
      'ok command Place': 1,
      'error command Place': 1,
      'ok query Count': 1,
      'ok event Placed': 1,
      'ok event Paid': 1,
    });
  });

  test('@nestjs/bullmq, with workers that need no Redis', async () => {
    type Job = { name: string; data: unknown };
    const workers = new Map<string, (job: Job) => Promise<unknown>>();
    class LocalWorker {
      constructor(queue: string, process: (job: Job) => Promise<unknown>) {
        workers.set(queue, process);
      }
      on(): void {}
      async close(): Promise<void> {}
    }
    class LocalQueue {
      constructor(
        readonly name: string,
        readonly opts: object,
      ) {}
      on(): void {}
      async close(): Promise<void> {}
    }
    BullModule.workerClass = LocalWorker as never;
    BullModule.queueClass = LocalQueue as never;

    @Processor('mail')
    class Mailer extends WorkerHost {
      async process({ data }: Job): Promise<string> {
        if (data === 'bad') throw new Error('no');
        return 'sent';
      }
    }
    @Processor('bulk')
    class BulkMailer extends Mailer {}
    const registry = new Registry();
    const imports = [BullModule.forRoot({ connection: {} }), BullModule.registerQueue({ name: 'mail' })];
    await startApp({ registry, ...quiet }, { imports, providers: [Mailer, BulkMailer] });
    const process = workers.get('mail');
    expect(await workers.get('bulk')?.({ name: 'digest', data: 1 })).toBe('sent');
    expect(await process?.({ name: 'welcome', data: 1 })).toBe('sent');
    expect(await process?.({ name: 'digest', data: 1 })).toBe('sent');
    await expect(process?.({ name: 'digest', data: 'bad' })).rejects.toThrow('no');
    expect(await valuesOf(registry, 'queue_job_duration_seconds', '_count')).toEqual({
      'ok mail welcome': 1,
      'ok mail digest': 1,
      'error mail digest': 1,
      'ok bulk digest': 1,
    });
  });

  test('@nestjs/websockets', async () => {
    @WebSocketGateway()
    class Chat {
      @SubscribeMessage('say')
      say(): { event: string; data: string } {
        return { event: 'said', data: 'hello' };
      }
    }
    const registry = new Registry();
    const before = (app: INestApplication) => app.useWebSocketAdapter(new WsAdapter(app));
    const { url } = await startApp({ registry, ...quiet }, { providers: [Chat], before });
    const socket = new WebSocket(url.replace('http:', 'ws:'));
    await once(socket, 'open');
    socket.send(JSON.stringify({ event: 'say', data: 'hi' }));
    await once(socket, 'message');
    socket.close();
    expect(await valuesOf(registry, 'websocket_message_duration_seconds', '_count')).toEqual({ 'say ok': 1 });
  });

  test('@nestjs/graphql, whose requests have their operation as the route on Express', async () => {
    @ObjectType()
    class Order {
      @Field(() => Int)
      id = 1;
    }
    @Resolver(() => Order)
    class Orders {
      @Query(() => [Order])
      orders(): Order[] {
        return [new Order()];
      }

      @Mutation(() => Order)
      place(@Args('tier') _tier: string): Order {
        throw new Error('no');
      }

      @ResolveField(() => String)
      tier(): string {
        return 'gold';
      }
    }
    const registry = new Registry();
    const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true });
    const options = { registry, defaultMetrics: false } as const;
    const { url } = await startApp(options, { imports: [graphql], providers: [Orders] });
    const ask = async (query: string, path = '/graphql') => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify({ query }) });
      return answer.json();
    };
    expect(await ask('query Chosen { orders { id tier } }')).toEqual({ data: { orders: [{ id: 1, tier: 'gold' }] } });
    await ask('{ orders { id } }', '/GraphQL');
    await ask('mutation { place(tier: "gold") { id } }');
    await ask('{ nonsense }');
    expect(await valuesOf(registry, 'graphql_field_duration_seconds', '_count')).toEqual({
      'Query orders ok': 2,
      'Mutation place error': 1,
    });
    expect(await recorded(registry, 4)).toEqual({
      'POST /graphql query orders 200': 2,
      'POST /graphql mutation place 200': 1,
      'POST unmatched 400': 1,
    });
  });
});

describe('measured methods', () => {
  test('are counted once for each app that has the class, and stay with the decorators on them', async () => {
    @Injectable()
    class Listeners {
      @Timed({ name: 'own_seconds' })
      @OnEvent('ping')
      ping(): void {}
    }
    const registries = [new Registry(), new Registry()];
    for (const registry of registries) {
      const parts = { imports: [EventEmitterModule.forRoot()], providers: [Listeners] };
      const { app } = await startApp({ registry, ...quiet }, parts);
      await app.get(EventEmitter2).emitAsync('ping');
    }
    for (const registry of registries) {
      expect(await valuesOf(registry, 'event_handler_duration_seconds', '_count')).toMatchObject({ 'ok ping': 1 });
      expect(await valuesOf(registry, 'own_seconds', '_count')).toMatchObject({ ok: 1 });
    }
  });

  test('of a base class are those of the classes that inherit them', async () => {
    class Place {}
    class Count {}
    abstract class Base {
      @Interval(5)
      async sync(): Promise<void> {}

      async execute(message: object): Promise<string> {
        return message.constructor.name;
      }
    }
    @CommandHandler(Place)
    class Places extends Base implements ICommandHandler<Place> {}
    @QueryHandler(Count)
    class Counts extends Base implements IQueryHandler<Count> {}
    // Is itself a base class.
    @QueryHandler(Date)
    class Dates extends Counts {}

    const registry = new Registry();
    const imports = [CqrsModule.forRoot(), ScheduleModule.forRoot()];
    const { app } = await startApp({ registry, ...quiet }, { imports, providers: [Dates, Places, Counts] });
    expect(await app.get(CommandBus).execute(new Place())).toBe('Place');
    expect(await app.get(QueryBus).execute(new Count())).toBe('Count');
    expect(await app.get(QueryBus).execute(new Date() as never)).toBe('Date');
    expect(await valuesOf(registry, 'cqrs_handler_duration_seconds', '_count')).toEqual({
      'ok command Place': 1,
      'ok query Count': 1,
      'ok query Date': 1,
    });
    await until('the job of each class', async () => {
      const counts = await valuesOf(registry, 'scheduled_job_duration_seconds', '_count');
      return ['Places', 'Counts', 'Dates'].every((name) => (counts[`ok ${name}.sync`] ?? 0) > 0);
    });
  });

  test('are left alone with handlers: false', async () => {
    @Injectable()
    class Listeners {
      @OnEvent('ping')
      ping(): void {}
    }
    const { ping } = Listeners.prototype;
    const registry = new Registry();
    const parts = { imports: [EventEmitterModule.forRoot()], providers: [Listeners] };
    await startApp({ registry, ...quiet, handlers: false }, parts);
    expect(Listeners.prototype.ping).toBe(ping);
    expect(registry.getMetricsAsArray()).toEqual([]);
  });
});

test('requests that the app sends are measured with httpClient', async () => {
  const registry = new Registry();
  const { app, url } = await startApp({ registry, ...quiet, httpClient: true });
  await (await fetch(`${url}/none`)).text();
  const { host } = new URL(url);
  const counts = await valuesOf(registry, 'http_client_request_duration_seconds', '_count');
  expect(counts).toEqual({ [`GET ${host} 404`]: 1 });
  await app.close();
});

test('the app logs once where its page is', async () => {
  const lines: string[] = [];
  const log = (...given: unknown[]) => void lines.push(given.join(' '));
  const logger = { log, error: log, warn: log, debug: log };
  const before = (app: INestApplication) => app.useLogger(logger);
  const spy = jest.spyOn(process.stdout, 'write');
  try {
    const { url } = await startApp({ registry: new Registry(), ...quiet }, { before });
    expect(lines.filter((line) => line.includes('PrometheusModule'))).toEqual([
      `Metrics at ${url}/metrics PrometheusModule`,
    ]);
    const server = await startApp(
      { registry: new Registry(), ...quiet, server: { port: 0, thread: false } },
      { before },
    );
    expect(lines.filter((line) => line.endsWith('PrometheusModule')).slice(1)).toEqual([
      expect.stringMatching(/^Metrics at http:\/\/localhost:\d+\/metrics PrometheusModule$/),
    ]);
    await server.app.close();
  } finally {
    spy.mockRestore();
  }
});
