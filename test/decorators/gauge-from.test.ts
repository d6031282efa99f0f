import { expect, test } from '@jest/globals';
import { bindRegistry, Gauge, GaugeFrom, Registry, register, trackGauges } from 'promark';
import { sampleValue } from 'promark/testing';
import { freshRegistry, warnings } from './support/fresh.js';
import { faults } from './support/page.js';

freshRegistry();

test('a getter is read at each scrape', async () => {
  class Queue {
    jobs: string[] = [];

    constructor() {
      trackGauges(this);
    }

    @GaugeFrom({ name: 'queue_jobs', help: 'Jobs' })
    get size(): number {
      return this.jobs.length;
    }
  }
  const queue = new Queue();
  expect(await sampleValue(register, 'queue_jobs')).toBe(0);
  queue.jobs.push('a', 'b');
  expect(await sampleValue(register, 'queue_jobs')).toBe(2);
  expect(queue.size).toBe(2);
  expect(register.manifest()).toMatchObject([
    { name: 'queue_jobs', methods: [{ decorator: 'GaugeFrom', class: 'Queue', method: 'size' }] },
  ]);
});

test('a method is called at each scrape, and its promise awaited', async () => {
  class Queue {
    constructor() {
      trackGauges(this);
    }

    @GaugeFrom({ name: 'queue_jobs' })
    async size(): Promise<number> {
      return 3;
    }
  }
  const queue = new Queue();
  expect(await sampleValue(register, 'queue_jobs')).toBe(3);
  expect(await queue.size()).toBe(3);
});

test('a static getter needs no instance', async () => {
  // biome-ignore lint/complexity/noStaticOnlyClass: that is what is tested
  class Pool {
    static open = 4;

    @GaugeFrom({ name: 'pool_open', labels: { app: 'shop' } })
    static get size(): number {
      return Pool.open;
    }
  }
  expect(await sampleValue(register, 'pool_open', { app: 'shop' })).toBe(4);
  Pool.open = 5;
  expect(await sampleValue(register, 'pool_open', { app: 'shop' })).toBe(5);
});

test('an instance is tracked from the first time its getter is read', async () => {
  class Queue {
    @GaugeFrom({ name: 'queue_jobs' })
    get size(): number {
      return 6;
    }
  }
  const queue = new Queue();
  expect(queue.size).toBe(6);
  expect(await sampleValue(register, 'queue_jobs')).toBe(6);
});

class Shard {
  @GaugeFrom({ name: 'shard_rows', labels: { shard: (shard) => shard.name } })
  get rows(): number {
    return this.count;
  }

  constructor(
    readonly name: string,
    readonly count: number,
  ) {
    trackGauges(this);
  }
}

test('a label distinguishes several instances', async () => {
  const shards = [new Shard('a', 1), new Shard('b', 2)];
  expect(await sampleValue(register, 'shard_rows', { shard: 'a' })).toBe(1);
  expect(await sampleValue(register, 'shard_rows', { shard: 'b' })).toBe(2);
  expect(shards).toHaveLength(2);
});

test.each([
  ['sum', 9],
  ['min', 2],
  ['max', 4],
  ['average', 3],
] as const)('several instances are aggregated: %s', async (aggregate, expected) => {
  class Part {
    constructor(readonly count: number) {
      trackGauges(this);
    }

    @GaugeFrom({ name: 'parts', aggregate })
    get size(): number {
      return this.count;
    }
  }
  const parts = [2, 4, 3].map((count) => new Part(count));
  expect(await sampleValue(register, 'parts')).toBe(expected);
  expect(parts).toHaveLength(3);
});

test('several instances without a label or an aggregate show the newest, and count as a fault', async () => {
  class Lone {
    constructor(readonly count: number) {
      trackGauges(this);
    }

    @GaugeFrom({ name: 'lone' })
    get size(): number {
      return this.count;
    }
  }
  const lones = [new Lone(1), new Lone(2)];
  expect(await sampleValue(register, 'lone')).toBe(2);
  expect(await faults()).toBeGreaterThan(0);
  expect(warnings.join()).toContain("{ aggregate: 'sum' }");
  expect(lones).toHaveLength(2);
});

test('a gauge that is passed in shows the value, and keeps its own collect', async () => {
  const gauge = new Gauge({
    name: 'jobs',
    help: 'j',
    labelNames: ['class', 'method'],
    collect() {
      this.set({ class: 'own', method: 'own' }, 1);
    },
  });
  class Queue {
    constructor() {
      trackGauges(this);
    }

    @GaugeFrom(gauge)
    get size(): number {
      return 2;
    }
  }
  const queue = new Queue();
  expect(await sampleValue(register, 'jobs', { class: 'Queue', method: 'size' })).toBe(2);
  expect(await sampleValue(register, 'jobs', { class: 'own', method: 'own' })).toBe(1);
  expect(queue.size).toBe(2);
});

test('a getter that throws or does not return a number is left off that page and counted', async () => {
  let value: unknown = 1;
  class Queue {
    constructor() {
      trackGauges(this);
    }

    @GaugeFrom({ name: 'queue_jobs', labels: { a: 'x' } })
    get size(): number {
      if (value === 'throw') throw new Error('offline');
      return value as number;
    }
  }
  const queue = new Queue();
  expect(await sampleValue(register, 'queue_jobs', { a: 'x' })).toBe(1);
  for (value of ['throw', 'text', undefined])
    expect(await sampleValue(register, 'queue_jobs', { a: 'x' })).toBe(undefined);
  expect(await faults()).toBeGreaterThanOrEqual(3);
  value = 2;
  expect(await sampleValue(register, 'queue_jobs', { a: 'x' })).toBe(2);
  expect(queue.size).toBe(2);
});

test('an instance is shown in the registry that it is bound to', async () => {
  const registry = new Registry();
  const shard = new Shard('bound', 7);
  bindRegistry(shard, registry);
  expect(await sampleValue(registry, 'shard_rows', { shard: 'bound' })).toBe(7);
  expect(await sampleValue(register, 'shard_rows', { shard: 'bound' })).toBe(undefined);
});

test('several decorators on one family all count', async () => {
  const define = (value: number) => {
    class Part {
      constructor() {
        trackGauges(this);
      }

      @GaugeFrom({ name: 'parts', aggregate: 'sum' })
      get size(): number {
        return value;
      }

      @GaugeFrom({ name: 'parts', aggregate: 'sum' })
      get more(): number {
        return value * 10;
      }
    }
    return new Part();
  };
  const parts = [define(1), define(2)];
  expect(await sampleValue(register, 'parts')).toBe(33);
  expect(parts).toHaveLength(2);
});

test('several decorators on one family without a distinguishing label count as a fault', async () => {
  const gauge = new Gauge({ name: 'sizes', help: 's' });
  // biome-ignore lint/complexity/noStaticOnlyClass: static members are known at once
  class Pool {
    @GaugeFrom(gauge)
    static get open(): number {
      return 1;
    }

    @GaugeFrom(gauge)
    static get idle(): number {
      return 2;
    }
  }
  expect(Pool.open).toBe(1);
  expect(await sampleValue(register, 'sizes')).toBe(2);
  expect(await faults()).toBeGreaterThan(0);
});

test('needs a name or a gauge, and refuses unusable options', () => {
  expect(() => GaugeFrom({} as never)).toThrow(/no default family/);
  expect(() => GaugeFrom({ name: 'x', aggregate: 'median' as never })).toThrow(/one of "sum", "min", "max", "average"/);
});
