import { afterEach, describe, expect, test } from '@jest/globals';
import { Controller, Get, Inject, Injectable, type OnModuleInit, UseGuards } from '@nestjs/common';
import { Counted, InProgress, Registry, Timed } from 'promark';
import { InjectRegistry } from 'promark/nest';
import { closeApps, startApp } from './running-app.js';

afterEach(closeApps);

@Injectable()
class Kitchen implements OnModuleInit {
  @Counted()
  onModuleInit(): void {}

  @Counted({ name: 'dishes_total', help: 'Dishes', labels: { dish: (dish: string) => dish } })
  @InProgress()
  async cook(dish: string): Promise<string> {
    return dish;
  }
}

@Controller('dishes')
class Dishes {
  constructor(
    @Inject(Kitchen) private readonly kitchen: Kitchen,
    @InjectRegistry() private readonly registry: Registry,
  ) {}

  @Timed()
  @Get('soup')
  soup(): Promise<string> {
    return this.kitchen.cook('soup');
  }

  @Get('closed')
  @Counted()
  @UseGuards({ canActivate: () => false })
  closed(): string {
    return 'never';
  }

  @Get('registry')
  show(): Promise<string> {
    return this.registry.getSingleMetricAsString('dishes_total');
  }
}

describe('instrumented methods of an app', () => {
  const parts = { controllers: [Dishes], providers: [Kitchen] };
  const pageOf = async (url: string) => (await fetch(`${url}/metrics`)).text();

  test('record in the registry of their app', async () => {
    const [one, two] = await Promise.all([
      startApp({ registry: new Registry(), defaultMetrics: false }, parts),
      startApp({ registry: new Registry(), defaultMetrics: false }, parts),
    ]);
    for (const url of [one.url, one.url, two.url])
      expect(await (await fetch(`${url}/dishes/soup`)).text()).toBe('soup');
    expect(await pageOf(one.url)).toContain('dishes_total{result="ok",dish="soup"} 2\n');
    expect(await pageOf(two.url)).toContain('dishes_total{result="ok",dish="soup"} 1\n');
    expect(await (await fetch(`${two.url}/dishes/registry`)).text()).toContain(
      'dishes_total{result="ok",dish="soup"} 1',
    );
  });

  test('are counted from the start of the app, lifecycle hooks included', async () => {
    const { url } = await startApp({ registry: new Registry(), defaultMetrics: false }, parts);
    const page = await pageOf(url);
    const labels = 'class="Kitchen",method="onModuleInit",result="ok",exception="none"';
    expect(page).toContain(`method_calls_total{${labels}} 1\n`);
    expect(page).toContain('method_inprogress{class="Kitchen",method="cook"} 0\n');
  });

  test('keep the metadata of Nest: routes, guards', async () => {
    const { url } = await startApp({ registry: new Registry(), defaultMetrics: false }, parts);
    expect((await fetch(`${url}/dishes/closed`)).status).toBe(403);
    await fetch(`${url}/dishes/soup`);
    const labels = 'class="Dishes",method="soup",result="ok"';
    expect(await pageOf(url)).toContain(`method_duration_seconds_count{${labels}} 1\n`);
  });
});

describe('a gateway', () => {
  /** What `@WebSocketGateway()` writes. */
  const Gateway = (type: object) => Reflect.defineMetadata('websockets:is_gateway', true, type);

  @Injectable()
  class Chat {
    constructor(@InjectRegistry() readonly registry: Registry) {}

    @Counted()
    afterInit(): string {
      return 'ready';
    }
  }

  class News {
    @Counted()
    afterInit(): string {
      return 'ready';
    }
  }

  test('records what it does before any hook, as `afterInit`, in the registry of its app', async () => {
    const registries = [new Registry(), new Registry()];
    for (const registry of registries) {
      Gateway(Chat);
      Gateway(News);
      await startApp(
        { registry, defaultMetrics: false },
        {
          providers: [News, Chat],
          // Nest has made all instances and called no hook yet, as when it connects gateways.
          before: (app) => {
            for (const type of [News, Chat]) {
              expect(app.get<Chat | News>(type)).toBeInstanceOf(type);
              expect(app.get<Chat | News>(type).constructor).toBe(type);
              app.get<Chat | News>(type).afterInit();
              // Nest itself would connect them now, which takes an adapter.
              Reflect.deleteMetadata('websockets:is_gateway', type);
            }
          },
        },
      );
    }
    for (const registry of registries) {
      const page = await registry.metrics();
      for (const type of ['Chat', 'News']) {
        const labels = `class="${type}",method="afterInit",result="ok",exception="none"`;
        expect(page).toContain(`method_calls_total{${labels}} 1\n`);
      }
    }
  });
});
