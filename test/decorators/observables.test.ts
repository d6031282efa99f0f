import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addDeferredKind, Counted, InProgress, register, Timed, type Watch } from 'promark';
import { sampleValue } from 'promark/testing';
import { Observable, of, Subject, throwError } from 'rxjs';
import { freshRegistry } from './support/fresh.js';
import { calls } from './support/page.js';

freshRegistry();

/** A kind of result as a framework's package provides it: one watch per subscription. */
let forget = (): void => {};

beforeAll(() => {
  forget = addDeferredKind({
    matches: (value) => value instanceof Observable,
    follow(value, watch) {
      watch.pause();
      const source = value as Observable<unknown>;
      return new Observable<unknown>((subscriber) => {
        const mine: Watch = watch.newRun();
        let last: unknown;
        let ended = false;
        const end = (ending: 'ok' | 'error' | 'cancelled', outcome?: unknown): void => {
          if (!ended) mine.end(ending, outcome);
          ended = true;
        };
        mine.resume();
        const subscription = source.subscribe({
          next(next) {
            last = next;
            subscriber.next(next);
          },
          error(error) {
            end('error', error);
            subscriber.error(error);
          },
          complete() {
            end('ok', last);
            subscriber.complete();
          },
        });
        return () => {
          end('cancelled');
          subscription.unsubscribe();
        };
      });
    },
  });
});

afterAll(() => forget());

class Feed {
  readonly source = new Subject<number>();

  @Timed()
  @Counted()
  @InProgress()
  watch(values: Observable<number>): Observable<number> {
    return values;
  }
}

const running = async () => await sampleValue(register, 'method_inprogress', { class: 'Feed', method: 'watch' });

test('an Observable is recorded once it has completed', async () => {
  const seen: number[] = [];
  const observable = new Feed().watch(of(1, 2));
  expect(await calls('watch')).toEqual({});
  observable.subscribe((value) => seen.push(value));
  expect(seen).toEqual([1, 2]);
  expect(await calls('watch')).toEqual({ ok: 1 });
  expect(await running()).toBe(0);
});

test('one that fails counts as an error, and passes on the same error', async () => {
  const error = new Error('feed');
  let caught: unknown;
  new Feed().watch(throwError(() => error)).subscribe({ error: (e: unknown) => (caught = e) });
  expect(caught).toBe(error);
  expect(await calls('watch')).toEqual({ error: 1 });
});

test('one that is unsubscribed counts as cancelled', async () => {
  const feed = new Feed();
  const subscription = feed.watch(feed.source).subscribe();
  expect(await running()).toBe(1);
  subscription.unsubscribe();
  expect(await calls('watch')).toEqual({ cancelled: 1 });
  expect(await running()).toBe(0);
});

test('one that is subscribed to twice is recorded twice', async () => {
  const feed = new Feed();
  const observable = feed.watch(feed.source);
  observable.subscribe();
  observable.subscribe();
  expect(await running()).toBe(2);
  feed.source.complete();
  expect(await calls('watch')).toEqual({ ok: 2 });
  expect(await running()).toBe(0);
});

test('a Subject still multicasts', async () => {
  const feed = new Feed();
  const seen: number[] = [];
  const observable = feed.watch(feed.source);
  observable.subscribe((value) => seen.push(value));
  observable.subscribe((value) => seen.push(value * 10));
  feed.source.next(1);
  expect(seen).toEqual([1, 10]);
});
