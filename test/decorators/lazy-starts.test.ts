import { EventEmitter } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { inspect } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { Counted, InProgress, Timed } from 'promark';
import { seriesOf } from '../support/page.js';
import { freshRegistry } from './support/fresh.js';
import { calls, faults } from './support/page.js';

freshRegistry();

class Repository {
  @Timed()
  @Counted()
  @InProgress()
  find<T>(make: () => T): T {
    return make();
  }

  @Timed({ ends: 'returned' })
  @Counted({ ends: 'returned' })
  @InProgress({ ends: 'returned' })
  prepare<T>(make: () => T): T {
    return make();
  }
}

const repository = new Repository();

interface Recorded {
  readonly counted: Record<string, number>;
  readonly timed: Record<string, number>;
  readonly running: number;
}

async function recorded(method = 'find'): Promise<Recorded> {
  const timed: Record<string, number> = {};
  for (const { labels, value } of await seriesOf('method_duration_seconds_count')) {
    if (labels.method === method && value > 0) timed[labels.result] = value;
  }
  const running = (await seriesOf('method_inprogress')).find(({ labels }) => labels.method === method)?.value ?? 0;
  return { counted: await calls(method), timed, running };
}

const nothing: Recorded = { counted: {}, timed: {}, running: 0 };
const one = (result: string): Recorded => ({ counted: { [result]: 1 }, timed: { [result]: 1 }, running: 0 });
const running: Recorded = { counted: {}, timed: {}, running: 1 };

type Callback = (error: Error | null, rows?: readonly string[]) => void;

/** A query builder of the kind that mongoose and knex have. */
class Query implements PromiseLike<readonly string[]> {
  /** How often the work was started, by each query and its clones. */
  readonly log: string[];
  readonly #rows: readonly string[] | Error;
  gate: Promise<unknown> | undefined;
  limit = 10;

  constructor(rows: readonly string[] | Error = ['a', 'b'], log: string[] = []) {
    this.#rows = rows;
    this.log = log;
  }

  where(): this {
    this.#check();
    return this;
  }

  #check(): void {
    if (!(this.#rows instanceof Error) && this.#rows.length === 0) throw new Error('no rows');
  }

  async #run(): Promise<readonly string[]> {
    this.log.push('run');
    await this.gate;
    if (this.#rows instanceof Error) throw this.#rows;
    return this.#rows;
  }

  clone(): Query {
    return new Query(this.#rows, this.log);
  }

  exec(callback?: Callback): Promise<readonly string[]> | undefined {
    if (callback === undefined) return this.#run();
    this.#run().then(
      (rows) => callback(null, rows),
      (error: Error) => callback(error),
    );
    return undefined;
  }

  // biome-ignore lint/suspicious/noThenProperty: that is the point
  then<A, B>(
    fulfilled?: ((rows: readonly string[]) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return (this.exec() as Promise<readonly string[]>).then(fulfilled, rejected);
  }

  catch<B>(rejected: (error: unknown) => B): Promise<readonly string[] | B> {
    return (this.exec() as Promise<readonly string[]>).catch(rejected);
  }

  finally(callback: () => void): Promise<readonly string[]> {
    return (this.exec() as Promise<readonly string[]>).finally(callback);
  }

  stream(): Readable {
    this.log.push('stream');
    const rows = this.#rows;
    if (!(rows instanceof Error)) return Readable.from(rows);
    return new Readable({
      read(): void {
        this.destroy(rows);
      },
    });
  }

  pipe<W extends Writable>(target: W): W {
    return this.stream().pipe(target);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    yield* await (this.exec() as Promise<readonly string[]>);
  }

  /** A start that nobody has heard of. */
  async fetchEverything(): Promise<number> {
    const rows = await this.#run();
    return rows.length;
  }

  /** An internal method of the kind that queries call on themselves. */
  async prepareConnection(): Promise<void> {}

  forEach(_use: (row: string) => void): this {
    void this.prepareConnection();
    return this;
  }

  toSQL(): { readonly sql: string } {
    return { sql: 'select' };
  }

  toString(): string {
    return 'select';
  }

  toJSON(): object {
    return { limit: this.limit };
  }
}

const find = (query = new Query()): Query => repository.find(() => query);

const starts: Record<string, (query: Query) => unknown> = {
  await: async (query) => await query,
  exec: (query) => query.exec(),
  'exec with a callback': (query) =>
    new Promise<void>((resolve, reject) => query.exec((error) => (error ? reject(error) : resolve()))),
  catch: (query) => query.catch((error: unknown) => Promise.reject(error)),
  finally: (query) => query.finally(() => {}),
  'steps and exec': (query) => query.where().where().exec(),
  'a clone': (query) => query.clone().exec(),
  'a clone of a clone, by its catch': (query) =>
    query
      .clone()
      .where()
      .clone()
      .catch((error: unknown) => Promise.reject(error)),
  'an unknown method': (query) => query.fetchEverything(),
  'for await': async (query) => {
    for await (const row of query) expect(row).toMatch(/a|b/);
  },
  stream: async (query) => {
    for await (const row of query.stream()) expect(row).toMatch(/a|b/);
  },
};

describe.each(Object.entries(starts))('a query that is started by %s', (_, start) => {
  test('is one call that has succeeded', async () => {
    const query = find();
    expect(await recorded()).toEqual(nothing);
    expect(query.log).toEqual([]);
    await start(query);
    expect(await recorded()).toEqual(one('ok'));
    expect(query.log).toHaveLength(1);
  });

  test('is one call that has failed, with the same error', async () => {
    const error = new Error('syntax');
    const query = find(new Query(error));
    await expect(start(query)).rejects.toBe(error);
    expect(await recorded()).toEqual(one('error'));
  });
});

describe('a query', () => {
  test('that is never started records nothing, whatever else is done with it', async () => {
    const query = find();
    query.where().forEach(() => {});
    expect(query.toSQL()).toEqual({ sql: 'select' });
    expect(`${query}`).toBe('select');
    expect(JSON.stringify(query)).toBe('{"limit":10}');
    expect(query.log).toEqual([]);
    expect(await recorded()).toEqual(nothing);
  });

  test('stays what it is', async () => {
    const plain = new Query();
    const query = find();
    expect(query).toBeInstanceOf(Query);
    expect(query.constructor).toBe(Query);
    expect(Object.keys(query)).toEqual(Object.keys(plain));
    expect(inspect(query)).toBe(inspect(plain));
    expect(query.exec.name).toBe('exec');
    expect(query.then.length).toBe(plain.then.length);
    await query;
    expect(Object.getPrototypeOf(query)).toBe(Query.prototype);
    expect(Reflect.ownKeys(query)).toEqual(Reflect.ownKeys(plain));
  });

  test('started twice does its work twice, but is one call', async () => {
    const query = find();
    await query.exec();
    await query.exec();
    await query.clone();
    expect(query.log).toHaveLength(3);
    expect(await recorded()).toEqual(one('ok'));
  });

  test('and its clone that are both started are one call', async () => {
    const query = find();
    const clone = query.clone();
    await Promise.all([clone.exec(), query.exec()]);
    expect(await recorded()).toEqual(one('ok'));
  });

  test('that a method of it throws at is not started', async () => {
    const query = find(new Query([]));
    expect(() => query.where()).toThrow('no rows');
    expect(await recorded()).toEqual(nothing);
    await query.exec();
    expect(await recorded()).toEqual(one('ok'));
  });

  test('whose catch handles its failure has failed', async () => {
    const query = find(new Query(new Error('no')));
    expect(await query.catch(() => 'handled')).toBe('handled');
    expect(await recorded()).toEqual(one('error'));
  });

  test('is in progress from its start to its end', async () => {
    const query = find();
    let open = (_: unknown): void => {};
    query.gate = new Promise((resolve) => {
      open = resolve;
    });
    const rows = query.exec();
    expect(await recorded()).toEqual(running);
    open(undefined);
    await rows;
    expect(await recorded()).toEqual(one('ok'));
  });

  test('whose stream fails, is destroyed or is piped ends as the stream does', async () => {
    const failing = find(new Query(new Error('lost'))).stream();
    await new Promise((resolve) => failing.resume().once('error', resolve));
    expect((await recorded()).counted).toEqual({ error: 1 });
    const abandoned = find().stream();
    await new Promise((resolve) => abandoned.destroy().once('close', resolve));
    expect((await recorded()).counted).toEqual({ error: 1, cancelled: 1 });
    const target = find().pipe(new Writable({ objectMode: true, write: (_row, _encoding, done) => done() }));
    await new Promise((resolve) => target.once('finish', resolve));
    await find()
      .pipe(new PassThrough({ objectMode: true }))
      .resume()
      .toArray();
    expect((await recorded()).counted).toEqual({ error: 1, cancelled: 1, ok: 2 });
    expect((await recorded()).running).toBe(0);
  });

  test('whose failing stream has no listener still ends the process', () => {
    const stream = find(new Query(new Error('lost'))).stream();
    expect(stream.listenerCount('error')).toBe(0);
    stream.destroy();
  });

  test('whose methods are replaced while it waits is measured by the new ones', async () => {
    const query = find();
    const exec = jest.spyOn(Query.prototype, 'exec');
    await query.exec();
    expect(exec).toHaveBeenCalledTimes(1);
    expect(await recorded()).toEqual(one('ok'));
    const other = find();
    other.exec = () => Promise.resolve(['mine']);
    expect(await other.exec()).toEqual(['mine']);
    expect(Object.hasOwn(other, 'exec')).toBe(true);
  });

  test('that is sealed is recorded when it is awaited, and when it is frozen at once', async () => {
    repository.find(() => Object.freeze(new Query()));
    expect(await recorded()).toEqual(one('ok'));
    const query = repository.find(() => new Query());
    Object.preventExtensions(query);
    await query;
    expect((await recorded()).counted).toEqual({ ok: 2 });
    expect(await faults()).toBe(0);
  });
});

describe('other lazy results', () => {
  test('object literals, as of Prisma, start by any of their functions', async () => {
    const make = () => {
      const run = async () => 'rows';
      return {
        // biome-ignore lint/suspicious/noThenProperty: that is the point
        then: (fulfilled: (rows: string) => unknown) => run().then(fulfilled),
        catch: (rejected: (error: unknown) => unknown) => run().catch(rejected),
        requestTransaction: () => run(),
        fetch: () => run(),
        Class: class {},
      };
    };
    await repository.find(make);
    await repository.find(make).catch(() => {});
    await repository.find(make).requestTransaction();
    await repository.find(make).fetch();
    const { Class } = repository.find(make);
    expect(new Class()).toBeInstanceOf(Class);
    expect((await recorded()).counted).toEqual({ ok: 4 });
  });

  test('object literals fail where their catch handles it', async () => {
    const run = () => Promise.reject(new Error('no'));
    const lazy = repository.find(() => ({
      // biome-ignore lint/suspicious/noThenProperty: that is the point
      then: (fulfilled: () => unknown, rejected: () => unknown) => run().then(fulfilled, rejected),
      catch: (rejected: () => unknown) => run().catch(rejected),
    }));
    await lazy.catch(() => {});
    expect(await recorded()).toEqual(one('error'));
  });

  test('synchronous databases, as by drizzle, start by methods that are properties', async () => {
    class Select {
      readonly all = () => ['row'];
      readonly get = (...args: readonly string[]) => (args.length > 0 ? 'header' : undefined);
      readonly run = () => ({ changes: 1 });
      // biome-ignore lint/suspicious/noThenProperty: that is the point
      then(fulfilled: (rows: readonly string[]) => unknown): unknown {
        return Promise.resolve(this.all()).then(fulfilled);
      }
    }
    const make = () => new Select();
    expect(repository.find(make).all()).toEqual(['row']);
    expect(repository.find(make).run()).toEqual({ changes: 1 });
    const query = repository.find(make);
    expect(query.get('Accept')).toBe('header');
    expect((await recorded()).counted).toEqual({ ok: 2 });
    expect(query.get()).toBeUndefined();
    expect((await recorded()).counted).toEqual({ ok: 3 });
  });

  test('requests, as of superagent, end by their callback', async () => {
    class Request extends EventEmitter {
      constructor(private readonly status: number) {
        super();
      }

      end(callback: (error: Error | null, status: number) => void): this {
        setImmediate(() => callback(this.status < 400 ? null : new Error('refused'), this.status));
        return this;
      }

      // biome-ignore lint/suspicious/noThenProperty: that is the point
      then(fulfilled: (status: number) => unknown): unknown {
        return new Promise<number>((resolve) => this.end((_, status) => resolve(status))).then(fulfilled);
      }
    }
    const send = (status: number): Promise<number> =>
      new Promise((resolve) => {
        const request = repository.find(() => new Request(status));
        expect(request.end((_, got) => resolve(got))).toBe(request);
      });
    expect([await send(200), await send(500)]).toEqual([200, 500]);
    expect((await recorded()).counted).toEqual({ ok: 1, error: 1 });
    expect((await recorded()).running).toBe(0);
  });

  test('promises that start late, as of Postgres.js, start by catch, by a cursor or as steps of theirs', async () => {
    class Lazy extends Promise<number> {
      static override get [Symbol.species](): PromiseConstructor {
        return Promise;
      }

      private settle: (value: number) => void = () => {};

      static of(): Lazy {
        let settle = (_: number): void => {};
        const lazy = new Lazy((resolve) => {
          settle = resolve;
        });
        lazy.settle = settle;
        return lazy;
      }

      async handle(): Promise<void> {
        await null;
        this.settle(7);
      }

      execute(): this {
        void this.handle();
        return this;
      }

      cursor(): AsyncIterable<number> {
        let left = 2;
        return {
          [Symbol.asyncIterator]: () => ({
            next: async () => (left-- > 0 ? { value: left, done: false } : { value: undefined, done: true }),
          }),
        };
      }

      // biome-ignore lint/suspicious/noThenProperty: that is the point
      override then<A = number, B = never>(
        fulfilled?: ((value: number) => A | PromiseLike<A>) | null,
        rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
      ): Promise<A | B> {
        void this.handle();
        return super.then(fulfilled, rejected);
      }
    }
    expect(await repository.find(() => Lazy.of()).catch(() => 0)).toBe(7);
    expect(await repository.find(() => Lazy.of()).execute()).toBe(7);
    expect((await recorded()).counted).toEqual({ ok: 2 });
    for await (const n of repository.find(() => Lazy.of()).cursor()) expect(n).toBeLessThan(2);
    expect((await recorded()).counted).toEqual({ ok: 3 });
  });

  test('cursors end with their last row, however they are read', async () => {
    class Cursor extends Readable {
      private readonly rows = ['a', 'b'];

      constructor() {
        super({ objectMode: true });
      }

      override _read(): void {
        this.push(this.rows.shift() ?? null);
      }

      async next(): Promise<string | null> {
        return this.rows.shift() ?? null;
      }

      async eachAsync(use: (row: string) => void): Promise<void> {
        for (const row of this.rows.splice(0)) use(row);
      }
    }
    class Find {
      cursor(): Cursor {
        return new Cursor();
      }

      // biome-ignore lint/suspicious/noThenProperty: that is the point
      then(fulfilled: (rows: readonly string[]) => unknown): unknown {
        return Promise.resolve(['a', 'b']).then(fulfilled);
      }
    }
    const cursor = () => repository.find(() => new Find()).cursor();
    const byNext = cursor();
    expect(await byNext.next()).toBe('a');
    expect(await recorded()).toEqual(running);
    await byNext.next();
    expect(await byNext.next()).toBeNull();
    expect(await recorded()).toEqual(one('ok'));
    await cursor().eachAsync(() => {});
    expect(await cursor().toArray()).toEqual(['a', 'b']);
    const closed = cursor();
    await new Promise((resolve) => closed.destroy().once('close', resolve));
    expect((await recorded()).counted).toEqual({ ok: 3, cancelled: 1 });
  });
});

test("with `ends: 'returned'`, a query is a call as soon as the method returns it", async () => {
  const query = new Query();
  expect(repository.prepare(() => query)).toBe(query);
  expect(await recorded('prepare')).toEqual(one('ok'));
  expect(Object.getPrototypeOf(query)).toBe(Query.prototype);
  expect(query.log).toEqual([]);
  await query;
  expect(await recorded('prepare')).toEqual(one('ok'));
});
