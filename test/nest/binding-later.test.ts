import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  Get,
  Inject,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  Scope,
  UseGuards,
} from '@nestjs/common';
import { ContextIdFactory, LazyModuleLoader, ModuleRef, REQUEST } from '@nestjs/core';
import { Counted, Registry } from 'promark';
import { closeApps, pageAt, type RunningApp, startApp } from './running-app.js';

afterEach(closeApps);

const calls = (type: string, method: string) =>
  `method_calls_total{class="${type}",method="${method}",result="ok",exception="none"}`;

/** Starts two apps with the same classes, and returns the counts of a method's calls in each. */
async function startTwo(parts: Parameters<typeof startApp>[1]) {
  const start = () => startApp({ registry: new Registry(), defaultMetrics: false }, parts);
  const [one, two] = await Promise.all([start(), start()]);
  const counts = (type: string, method: string) => Promise.all([one, two].map((app) => countOf(app, type, method)));
  return { one, two, counts };
}

async function countOf({ url }: RunningApp, type: string, method: string): Promise<number | undefined> {
  const line = (await pageAt(url)).split('\n').find((text) => text.startsWith(calls(type, method)));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

describe('request-scoped instances', () => {
  @Injectable({ scope: Scope.REQUEST })
  class Basket {
    constructor(@Inject(REQUEST) readonly request: object) {}

    @Counted()
    fill(): string {
      return this.constructor.name;
    }
  }

  @Injectable({ scope: Scope.REQUEST })
  class Doorman implements CanActivate {
    @Counted()
    canActivate(): boolean {
      return true;
    }
  }

  @Controller('baskets')
  class Baskets {
    constructor(
      @Inject(Basket) private readonly basket: Basket,
      @Inject('made') private readonly made: Basket,
    ) {}

    @Get()
    @Counted()
    @UseGuards(Doorman)
    fill(): string {
      return [this.basket, this.made].map((one) => `${one.fill()} ${one instanceof Basket}`).join();
    }
  }

  const made = {
    provide: 'made',
    scope: Scope.REQUEST,
    inject: [REQUEST],
    useFactory: async (request: object) => new Basket(request),
  };

  test('record in their app, and start on its page at 0', async () => {
    const { one, counts } = await startTwo({ controllers: [Baskets], providers: [Basket, made] });
    for (const [type, method] of [
      ['Basket', 'fill'],
      ['Baskets', 'fill'],
      ['Doorman', 'canActivate'],
    ] as const) {
      expect(await counts(type, method)).toEqual([0, 0]);
    }
    expect(await pageAt(one.url, '/baskets')).toBe('Basket true,Basket true');
    expect(await counts('Basket', 'fill')).toEqual([2, 0]);
    expect(await counts('Baskets', 'fill')).toEqual([1, 0]);
    expect(await counts('Doorman', 'canActivate')).toEqual([1, 0]);
  });
});

test('durable instances, which several requests share, record in their app', async () => {
  @Injectable({ scope: Scope.REQUEST, durable: true })
  class Account {
    private visits = 0;

    @Counted()
    visit(): number {
      return ++this.visits;
    }
  }

  @Controller({ path: 'account', scope: Scope.REQUEST, durable: true })
  class Accounts {
    constructor(@Inject(Account) private readonly account: Account) {}

    @Get()
    visit(): string {
      return String(this.account.visit());
    }
  }

  const tenant = ContextIdFactory.create();
  ContextIdFactory.apply({
    attach: (own) => ({ resolve: (info) => (info.isTreeDurable ? tenant : own), payload: {} }),
  });
  try {
    const { one, counts } = await startTwo({ controllers: [Accounts], providers: [Account] });
    expect(await counts('Account', 'visit')).toEqual([0, 0]);
    expect(await pageAt(one.url, '/account')).toBe('1');
    expect(await pageAt(one.url, '/account')).toBe('2');
    expect(await counts('Account', 'visit')).toEqual([2, 0]);
  } finally {
    ContextIdFactory.apply({ attach: (own) => () => own });
  }
});

describe('instances created after the start', () => {
  @Injectable({ scope: Scope.TRANSIENT })
  class Ticket {
    @Counted()
    print(): void {}
  }

  @Injectable()
  class Office {
    constructor(@Inject(Ticket) readonly ticket: Ticket) {}
  }

  test('record in their app if they are transient', async () => {
    const { one, two, counts } = await startTwo({ providers: [Ticket, Office] });
    one.app.get(Office).ticket.print();
    (await one.app.resolve(Ticket)).print();
    (await two.app.resolve(Ticket)).print();
    expect(await counts('Ticket', 'print')).toEqual([2, 1]);
  });

  test('record in their app if moduleRef.create makes them', async () => {
    class Stall {
      @Counted()
      open(): void {}
    }
    const { one, counts } = await startTwo({});
    (await one.app.get(ModuleRef).create(Stall)).open();
    expect(await counts('Stall', 'open')).toEqual([1, undefined]);
  });

  test('record in their app if their module is loaded lazily', async () => {
    @Injectable()
    class Printer {
      @Counted()
      print(): void {}
    }
    @Module({ providers: [Printer] })
    class PrinterModule {}
    const { one, counts } = await startTwo({});
    const module = await one.app.get(LazyModuleLoader).load(() => PrinterModule);
    expect(await counts('Printer', 'print')).toEqual([0, undefined]);
    module.get(Printer).print();
    expect(await counts('Printer', 'print')).toEqual([1, undefined]);
  });
});

test('guards from useGlobalGuards(), and middleware, record in their app', async () => {
  class Watchman implements CanActivate {
    @Counted()
    canActivate(): boolean {
      return true;
    }
  }
  @Injectable()
  class Greeter implements NestMiddleware {
    @Counted()
    use(_: unknown, __: unknown, next: () => void): void {
      next();
    }
  }
  @Controller('hall')
  class Hall {
    @Get()
    enter(): string {
      return 'in';
    }
  }
  @Module({ controllers: [Hall] })
  class HallModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(Greeter).forRoutes(Hall);
    }
  }
  const { one, counts } = await startTwo({
    imports: [HallModule],
    before: (app) => app.useGlobalGuards(new Watchman()),
  });
  await fetch(`${one.url}/hall`);
  expect(await counts('Greeter', 'use')).toEqual([1, 0]);
  // Each scrape runs the guard as well.
  const [first = 0, second = 0] = await counts('Watchman', 'canActivate');
  expect(first - second).toBe(1);
});
