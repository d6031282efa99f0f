import { afterEach, describe, expect, test } from '@jest/globals';
import { type CallHandler, Controller, Get, Injectable, Module, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ExternalContextCreator, NestFactory } from '@nestjs/core';
import { type CustomTransportStrategy, EventPattern, MessagePattern, Server } from '@nestjs/microservices';
import { Registry } from 'promark';
import { PrometheusModule } from 'promark/nest';
import { isObservable, lastValueFrom, of } from 'rxjs';
import { valuesOf } from '../http/recorded.js';
import { closeApps, startApp } from './running-app.js';

afterEach(closeApps);

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

  async deliver(pattern: string): Promise<unknown> {
    const answer: unknown = await this.getHandlerByPattern(pattern)?.({});
    return isObservable(answer) ? lastValueFrom(answer, { defaultValue: undefined }) : answer;
  }
}

describe('handlers are measured by their own names:', () => {
  // A microservice connected to an app has none of the app's global interceptors, unless it inherits the config.
  test.each([true, false])(
    'messages and events of microservices by their pattern, with inheritAppConfig: %s',
    async (inheritAppConfig) => {
      @Controller()
      class Parcels {
        @MessagePattern('parcels.count')
        count() {
          return of(1, 2, 3);
        }

        @EventPattern({ topic: 'parcels', kind: 'lost' })
        async lost() {}

        @MessagePattern('parcels.fail')
        fail() {
          throw new Error('no');
        }

        @Get('parcels')
        list() {
          return [];
        }
      }
      const registry = new Registry();
      const transport = new Loopback();
      const before = async (app: import('@nestjs/common').INestApplication) => {
        app.connectMicroservice({ strategy: transport }, { inheritAppConfig });
        await app.startAllMicroservices();
      };
      const { url } = await startApp({ registry, defaultMetrics: false }, { controllers: [Parcels], before });
      await transport.deliver('parcels.count');
      await transport.deliver('{"kind":"lost","topic":"parcels"}');
      await expect(transport.deliver('parcels.fail')).rejects.toBeDefined();
      await fetch(`${url}/parcels`);
      expect(await valuesOf(registry, 'rpc_duration_seconds', '_count')).toEqual({
        'parcels.count ok': 1,
        '{"topic":"parcels","kind":"lost"} ok': 1,
        'parcels.fail error': 1,
      });
    },
  );

  // Without these packages: their handlers are called through the same creator, with the same metadata.
  test.each([
    {
      type: 'graphql',
      metadata: { 'graphql:resolver_type': 'Query' },
      args: [undefined, {}, {}, { fieldName: 'orders', parentType: { name: 'Query' } }],
      family: 'graphql_field_duration_seconds',
      labels: 'Query orders',
    },
    {
      type: 'ws',
      metadata: { 'websockets:message_mapping': true, message: 'chat' },
      args: [{}, 'hello'],
      family: 'websocket_message_duration_seconds',
      labels: 'chat',
    },
  ])('of type $type', async ({ type, metadata, args, family, labels }) => {
    @Injectable()
    class Handlers {
      fail = false;

      async handle() {
        if (this.fail) throw new Error('no');
        return 'done';
      }
    }
    const { handle } = Handlers.prototype;
    for (const [key, value] of Object.entries(metadata)) SetMetadata(key, value)(handle);
    const registry = new Registry();
    const { app } = await startApp({ registry, defaultMetrics: false }, { providers: [Handlers] });
    const handlers = app.get(Handlers);
    const creator = app.get(ExternalContextCreator);
    const [none, options] = [undefined, { guards: true, interceptors: true, filters: false }];
    const call = creator.create(handlers, handle, 'handle', none, none, none, none, options, type);
    expect(await call(...args)).toBe('done');
    handlers.fail = true;
    await expect(call(...args)).rejects.toThrow('no');
    expect(await valuesOf(registry, family, '_count')).toEqual({ [`${labels} ok`]: 1, [`${labels} error`]: 1 });
  });
});

/** Waits for messages at its transport. */
async function startService(module: object, strategy: Loopback): Promise<() => Promise<void>> {
  const app = await NestFactory.createMicroservice(module as never, { strategy, logger: false, abortOnError: false });
  await app.listen();
  return () => app.close();
}

describe('an app', () => {
  class Retry {
    intercept(_: unknown, next: CallHandler) {
      return next.handle();
    }
  }

  @Controller()
  @UseInterceptors(Retry)
  class Plain {
    @MessagePattern('x')
    x(): string {
      return 'x';
    }
  }

  const moduleOf = (registry: Registry, options: object = {}) =>
    PrometheusModule.forRoot({ registry, defaultMetrics: false, controller: false, ...options });

  test('that is only a microservice is measured, its interceptors included', async () => {
    const registry = new Registry();
    @Module({ imports: [moduleOf(registry)], controllers: [Plain] })
    class Service {}
    const transport = new Loopback();
    const close = await startService(Service, transport);
    expect(await transport.deliver('x')).toBe('x');
    expect(await valuesOf(registry, 'rpc_duration_seconds', '_count')).toEqual({ 'x ok': 1 });
    await close();
  });

  test('counts only its own messages, even next to an app with handlers: false or without metrics', async () => {
    const registries = [new Registry(), new Registry(), new Registry()] as const;
    @Module({ imports: [moduleOf(registries[0])], controllers: [Plain] })
    class One {}
    @Module({ imports: [moduleOf(registries[1])], controllers: [Plain] })
    class Two {}
    @Module({ imports: [moduleOf(registries[2], { handlers: false })], controllers: [Plain] })
    class Unwanted {}
    @Module({ controllers: [Plain] })
    class Bare {}
    const started = [];
    for (const [service, messages] of [
      [One, 2],
      [Two, 1],
      [Unwanted, 1],
      [Bare, 1],
      [One, 1],
    ] as const) {
      const transport = new Loopback();
      started.push(await startService(service, transport));
      for (let i = 0; i < messages; i++) expect(await transport.deliver('x')).toBe('x');
    }
    expect(await valuesOf(registries[0], 'rpc_duration_seconds', '_count')).toEqual({ 'x ok': 3 });
    expect(await valuesOf(registries[1], 'rpc_duration_seconds', '_count')).toEqual({ 'x ok': 1 });
    expect(registries[2].getMetricsAsArray()).toEqual([]);
    await Promise.all(started.map((close) => close()));
  });

  test('without such handlers has no families for them', async () => {
    const registry = new Registry();
    await startApp({ registry, defaultMetrics: false, http: false });
    expect(registry.getMetricsAsArray()).toEqual([]);
  });
});
