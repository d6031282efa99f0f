import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { Counted, InProgress, Timed } from 'promark';
import { seriesOf } from '../support/page.js';
import { freshRegistry } from './support/fresh.js';
import { calls } from './support/page.js';

freshRegistry();

/** What the decorators of a method have recorded so far. */
async function recorded(method: string): Promise<{ timed: number; counted: Record<string, number>; running: number }> {
  const timed = (await seriesOf('method_duration_seconds_count'))
    .filter(({ labels }) => labels.method === method)
    .reduce((sum, { value }) => sum + value, 0);
  const running = (await seriesOf('method_inprogress')).find(({ labels }) => labels.method === method)?.value ?? 0;
  return { timed, counted: await calls(method), running };
}

const nothing = { timed: 0, counted: {}, running: 0 };
const one = (result: string) => ({ timed: 1, counted: { [result]: 1 }, running: 0 });

/** A lazy thenable, such as a query: each `then` starts the work. */
class Query<T> implements PromiseLike<T> {
  started = 0;

  constructor(private readonly outcome: () => T) {}

  // biome-ignore lint/suspicious/noThenProperty: that is the point
  then<A, B>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((e: unknown) => B | PromiseLike<B>) | null,
  ) {
    this.started += 1;
    return new Promise<T>((resolve) => resolve(this.outcome())).then(fulfilled, rejected);
  }
}

class Tagged<T> extends Promise<T> {
  cancel(): string {
    return 'cancelled';
  }
}

class LazyPromise<T> extends Promise<T> {
  started = 0;

  static of<T>(value: T): LazyPromise<T> {
    const lazy = new LazyPromise<T>(() => {});
    lazy.work = () => Promise.resolve(value);
    return lazy;
  }

  private work: () => Promise<T> = () => Promise.reject(new Error('no work'));

  // biome-ignore lint/suspicious/noThenProperty: that is the point
  override then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((e: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.started += 1;
    return this.work().then(fulfilled, rejected);
  }
}

class Subject {
  @Timed()
  @Counted()
  @InProgress()
  run<T>(body: () => T): T {
    return body();
  }

  @Timed()
  @Counted()
  @InProgress()
  *generate(log: string[] = []): Generator<number, string, string | undefined> {
    try {
      log.push(String(yield 1));
      log.push(String(yield 2));
      return 'end';
    } catch (error) {
      log.push(`caught ${(error as Error).message}`);
      throw error;
    } finally {
      log.push('finally');
    }
  }

  @Timed()
  @Counted()
  @InProgress()
  async *stream(fail = false): AsyncGenerator<number, string> {
    yield 1;
    await null;
    if (fail) throw new RangeError('dry');
    yield 2;
    return 'end';
  }

  @Timed()
  @Counted()
  @InProgress()
  async later<T>(value: T, gate?: Promise<unknown>): Promise<T> {
    await gate;
    return value;
  }
}

// Each test has its own series: the registry is cleared first, and the class then uses new families.
const subject = new Subject();

describe('values', () => {
  test.each([undefined, null, 0, '', 'text', Number.NaN, 1n, false])('%p is returned and counted', async (value) => {
    expect(subject.run(() => value)).toBe(value);
    expect(await recorded('run')).toEqual(one('ok'));
  });

  test.each([{}, [1], () => 1, new Map(), Object.create(null), Object.freeze({ a: 1 })])(
    'object %# stays the same object',
    async (value) => {
      expect(subject.run(() => value)).toBe(value);
      expect(await recorded('run')).toEqual(one('ok'));
    },
  );

  test('an object whose `then` getter throws is a plain value', async () => {
    const hostile = {
      // biome-ignore lint/suspicious/noThenProperty: that is the point
      get then(): never {
        throw new Error('do not look');
      },
    };
    expect(subject.run(() => hostile)).toBe(hostile);
    expect(await recorded('run')).toEqual(one('ok'));
  });

  test('a revoked proxy is a plain value', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    expect(
      subject.run(() => {
        revoke();
        return proxy === undefined ? 1 : 2;
      }),
    ).toBe(2);
    const result = subject.run(() => proxy);
    expect(result === proxy).toBe(true);
    expect((await recorded('run')).counted).toEqual({ ok: 2 });
  });
});

describe('native promises', () => {
  test('are recorded when they are fulfilled', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const result = subject.later(5, gate);
    expect(result).toBeInstanceOf(Promise);
    expect(await recorded('later')).toEqual({ timed: 0, counted: {}, running: 1 });
    open();
    expect(await result).toBe(5);
    expect(await recorded('later')).toEqual(one('ok'));
  });

  test('are recorded when they are rejected, with the same error', async () => {
    const error = new Error('no');
    await expect(subject.run(() => Promise.reject(error))).rejects.toBe(error);
    expect(await recorded('run')).toEqual(one('error'));
  });

  test('that never settle stay in progress and record nothing else', async () => {
    void subject.later(1, new Promise(() => {}));
    expect(await recorded('later')).toEqual({ timed: 0, counted: {}, running: 1 });
  });

  test('of another realm are promises too', async () => {
    const foreign = runInContext('Promise.resolve(7)', createContext()) as Promise<number>;
    expect(foreign).not.toBeInstanceOf(Promise);
    expect(await subject.run(() => foreign)).toBe(7);
    expect(await recorded('run')).toEqual(one('ok'));
  });

  test('of overlapping calls are each recorded', async () => {
    const gates = [0, 1, 2].map(() => {
      let open = (): void => {};
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      return { gate, open };
    });
    const results = gates.map(({ gate }, i) => subject.later(i, gate));
    expect((await recorded('later')).running).toBe(3);
    gates[1].open();
    expect(await results[1]).toBe(1);
    expect(await recorded('later')).toEqual({ timed: 1, counted: { ok: 1 }, running: 2 });
    gates[0].open();
    gates[2].open();
    expect(await Promise.all(results)).toEqual([0, 1, 2]);
    expect(await recorded('later')).toEqual({ timed: 3, counted: { ok: 3 }, running: 0 });
  });
});

describe('promises whose identity matters', () => {
  test('of a subclass stay the same object and are recorded at settlement', async () => {
    const promise = new Tagged<number>((resolve) => resolve(3));
    const result = subject.run(() => promise);
    expect(result).toBe(promise);
    expect(result.cancel()).toBe('cancelled');
    expect(await result).toBe(3);
    expect(await recorded('run')).toEqual(one('ok'));
  });

  test('of a subclass that are rejected stay the same object', async () => {
    const error = new Error('no');
    const promise = Tagged.reject(error) as Tagged<never>;
    const result = subject.run(() => promise);
    expect(result).toBe(promise);
    await expect(result).rejects.toBe(error);
    expect(await recorded('run')).toEqual(one('error'));
  });

  test('with own properties stay the same object', async () => {
    const promise = Object.assign(Promise.resolve(4), { abort: () => 'aborted' });
    const result = subject.run(() => promise);
    expect(result).toBe(promise);
    expect(await result).toBe(4);
    expect(await recorded('run')).toEqual(one('ok'));
  });

  test('stay the same object below a decorator whose replacement passes for an async function', async () => {
    const outcomes = [Object.assign(Promise.resolve(5), { abort: () => 'aborted' }), new Tagged((take) => take(5)), {}];
    // As `mimic-function` does, on which decorators for caching and throttling are built.
    const cached = (...on: any[]): any => {
      const body: object = typeof on[1] === 'object' ? on[0] : on[2].value;
      const replacement = Object.setPrototypeOf((at: number) => outcomes[at], Object.getPrototypeOf(body));
      return typeof on[1] === 'object' ? replacement : { ...on[2], value: replacement };
    };
    class Cache {
      @Timed()
      @Counted()
      @InProgress()
      @cached
      async load(_at: number): Promise<number> {
        return 0;
      }
    }
    for (const [at, outcome] of outcomes.entries()) {
      const loaded = new Cache().load(at);
      expect(loaded).toBe(outcome);
      await loaded;
    }
    expect(await recorded('load')).toEqual({ timed: 3, counted: { ok: 3 }, running: 0 });
  });

  test('of a lazy subclass are not started', async () => {
    const lazy = LazyPromise.of(9);
    expect(subject.run(() => lazy)).toBe(lazy);
    expect(lazy.started).toBe(0);
    expect(await recorded('run')).toEqual(nothing);
    expect(await lazy).toBe(9);
    expect(lazy.started).toBe(1);
    expect(await recorded('run')).toEqual(one('ok'));
  });
});

describe('lazy thenables', () => {
  test('are never started, and are recorded only once the caller awaits them', async () => {
    const query = new Query(() => 'rows');
    expect(subject.run(() => query)).toBe(query);
    await Promise.resolve();
    expect(query.started).toBe(0);
    expect(await recorded('run')).toEqual(nothing);
  });

  test('awaited once are recorded once', async () => {
    const query = new Query(() => 'rows');
    expect(await subject.run(() => query)).toBe('rows');
    expect(query.started).toBe(1);
    expect(await recorded('run')).toEqual(one('ok'));
    expect(Object.hasOwn(query, 'then')).toBe(false);
  });

  test('awaited twice do their work twice, but count as one call', async () => {
    const query = new Query(() => 'rows');
    const result = subject.run(() => query);
    expect([await result, await result]).toEqual(['rows', 'rows']);
    expect(query.started).toBe(2);
    expect(await recorded('run')).toEqual(one('ok'));
  });

  test('that fail are recorded as errors', async () => {
    const error = new Error('syntax');
    const query = new Query(() => {
      throw error;
    });
    await expect(Promise.resolve(subject.run(() => query))).rejects.toBe(error);
    expect(await recorded('run')).toEqual(one('error'));
  });

  test('returned by many calls are recorded for each of them, without building up a chain', async () => {
    const query = new Query(() => 'rows');
    for (let i = 0; i < 20_000; i++) subject.run(() => query);
    expect(await query).toBe('rows');
    expect((await recorded('run')).counted).toEqual({ ok: 20_000 });
  });

  test('that are frozen are recorded when the body returns them', async () => {
    const query = Object.freeze(new Query(() => 'rows'));
    expect(subject.run(() => query)).toBe(query);
    expect(await recorded('run')).toEqual(one('ok'));
  });
});

describe('generators', () => {
  test('that are drained are recorded once, and pass on what is sent and returned', async () => {
    const log: string[] = [];
    const generator = subject.generate(log);
    expect(Object.getPrototypeOf(Object.getPrototypeOf(generator))).toBe(
      Object.getPrototypeOf(function* () {}.prototype),
    );
    expect(await recorded('generate')).toEqual(nothing);
    expect(generator.next()).toEqual({ done: false, value: 1 });
    expect(await recorded('generate')).toEqual({ timed: 0, counted: {}, running: 1 });
    expect(generator.next('a')).toEqual({ done: false, value: 2 });
    expect(generator.next('b')).toEqual({ done: true, value: 'end' });
    expect(generator.next()).toEqual({ done: true, value: undefined });
    expect(log).toEqual(['a', 'b', 'finally']);
    expect(await recorded('generate')).toEqual(one('ok'));
  });

  test('can still be spread, iterated over and delegated to', async () => {
    function* outer(): Generator<number, string, string | undefined> {
      return yield* subject.generate();
    }
    expect([...subject.generate()]).toEqual([1, 2]);
    expect([...outer()]).toEqual([1, 2]);
    expect((await recorded('generate')).counted).toEqual({ ok: 2 });
  });

  test('that are abandoned count as cancelled, and clean up', async () => {
    const log: string[] = [];
    for (const value of subject.generate(log)) {
      expect(value).toBe(1);
      break;
    }
    expect(log).toEqual(['finally']);
    expect(await recorded('generate')).toEqual(one('cancelled'));
    expect((await seriesOf('method_calls_total')).find(({ labels }) => labels.result === 'cancelled')?.labels).toEqual({
      class: 'Subject',
      method: 'generate',
      result: 'cancelled',
      exception: 'none',
    });
  });

  test('that are thrown into count as errors, with the same error', async () => {
    const log: string[] = [];
    const generator = subject.generate(log);
    generator.next();
    const error = new RangeError('stop');
    let caught: unknown;
    try {
      generator.throw(error);
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBe(error);
    expect(log).toEqual(['caught stop', 'finally']);
    expect(await recorded('generate')).toEqual(one('error'));
  });

  test('that are never started record nothing', async () => {
    const generator = subject.generate();
    expect(generator.return('early')).toEqual({ done: true, value: 'early' });
    subject.generate();
    expect(await recorded('generate')).toEqual(nothing);
  });

  test('that are async are recorded when they end', async () => {
    const seen: number[] = [];
    for await (const value of subject.stream()) {
      if (seen.length === 0) expect((await recorded('stream')).running).toBe(1);
      seen.push(value);
    }
    expect(seen).toEqual([1, 2]);
    expect(await recorded('stream')).toEqual(one('ok'));
  });

  test('that are async and fail count as errors', async () => {
    const generator = subject.stream(true);
    await generator.next();
    await expect(generator.next()).rejects.toThrow('dry');
    expect(await recorded('stream')).toEqual(one('error'));
  });

  test('that are async and abandoned count as cancelled', async () => {
    for await (const value of subject.stream()) {
      expect(value).toBe(1);
      break;
    }
    expect(await recorded('stream')).toEqual(one('cancelled'));
  });
});
