import { afterEach, describe, expect, test } from '@jest/globals';
import { Controller, Get, Injectable, SetMetadata } from '@nestjs/common';
import { ApplicationConfig, ExternalContextCreator } from '@nestjs/core';
import { type CustomTransportStrategy, EventPattern, MessagePattern, Server } from '@nestjs/microservices';
import { Registry } from 'promark';
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

describe('handlers are measured by what the program calls them:', () => {
  test('messages and events of microservices by their pattern', async () => {
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
      app.connectMicroservice({ strategy: transport }, { inheritAppConfig: true });
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
  });

  // These packages are not needed: their handlers are called through the same creator, with the same metadata.
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

test('an app that has no such handlers, or does not want them measured, gets no interceptor', async () => {
  @Controller()
  class Plain {
    @MessagePattern('x')
    x() {}
  }
  const options = { registry: new Registry(), defaultMetrics: false };
  const none = await startApp(options);
  const unwanted = await startApp({ ...options, handlers: false }, { controllers: [Plain] });
  for (const { app } of [none, unwanted]) expect(app.get(ApplicationConfig).getGlobalInterceptors()).toEqual([]);
});
