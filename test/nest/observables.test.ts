import { afterEach, describe, expect, test } from '@jest/globals';
import { Controller, Get, Injectable, type MessageEvent, Sse, StreamableFile } from '@nestjs/common';
import { Counted, InProgress, Registry, Timed } from 'promark';
import {
  BehaviorSubject,
  firstValueFrom,
  lastValueFrom,
  NEVER,
  Observable,
  of,
  range,
  Subject,
  take,
  throwError,
} from 'rxjs';
import { sampleLines } from '../support/page.js';
import { closeApps, pageAt, startApp } from './running-app.js';

@Injectable()
class Feed {
  readonly subject = new Subject<number>();
  readonly behavior = new BehaviorSubject(7);

  @Timed()
  @Counted()
  @InProgress()
  prices(source: Observable<number>): Observable<number> {
    return source;
  }
}

@Controller('prices')
class Prices {
  @Get()
  @Timed()
  all(): Observable<number[]> {
    return of([1, 2]);
  }

  @Timed()
  @Sse('above')
  above(): Observable<MessageEvent> {
    return of({ data: 'one' }, { data: 'two' });
  }

  @Sse('below')
  @Timed()
  below(): Observable<MessageEvent> {
    return of({ data: 'one' }, { data: 'two' });
  }

  @Get('file')
  @Timed()
  file(): StreamableFile {
    return new StreamableFile(Buffer.from('1, 2'));
  }
}

afterEach(closeApps);

async function startFeed() {
  const parts = { providers: [Feed], controllers: [Prices] };
  const { app, url } = await startApp({ registry: new Registry(), defaultMetrics: false }, parts);
  const lines = async () => sampleLines(await pageAt(url));
  /** How many subscriptions ended in each way, and how many are in progress. */
  const state = async () => {
    const all = await lines();
    const value = (start: string, end: string) =>
      Number(
        all
          .find((l) => l.startsWith(start) && l.includes(end))
          ?.split(' ')
          .at(-1) ?? 0,
      );
    const timed = 'method_duration_seconds_count{class="Feed"';
    return {
      ok: value(timed, 'result="ok"'),
      error: value(timed, 'result="error"'),
      cancelled: value(timed, 'result="cancelled"'),
      running: value('method_inprogress{class="Feed"', ''),
    };
  };
  return { feed: app.get(Feed), url, lines, state };
}

const none = { ok: 0, error: 0, cancelled: 0, running: 0 };

describe('Observables from instrumented methods', () => {
  test('are measured per subscription, from its beginning', async () => {
    const { feed, state } = await startFeed();
    const prices = feed.prices(of(1, 2, 3));
    expect(await state()).toEqual(none);
    expect(await lastValueFrom(prices)).toBe(3);
    expect(await lastValueFrom(prices)).toBe(3);
    expect(await state()).toEqual({ ...none, ok: 2 });
  });

  test('are in progress until they complete, fail or are unsubscribed', async () => {
    const { feed, state } = await startFeed();
    const subscription = feed.prices(NEVER).subscribe();
    expect(await state()).toEqual({ ...none, running: 1 });
    subscription.unsubscribe();
    subscription.unsubscribe();
    expect(await state()).toEqual({ ...none, cancelled: 1 });
    await expect(lastValueFrom(feed.prices(throwError(() => new TypeError('no'))))).rejects.toThrow('no');
    expect(await state()).toEqual({ ...none, cancelled: 1, error: 1 });
    const first = feed.prices(range(1, Number.MAX_SAFE_INTEGER)).pipe(take(1));
    expect(await firstValueFrom(first)).toBe(1);
    expect(await state()).toEqual({ ...none, cancelled: 2, error: 1 });
  });

  test('remain Subjects if they are', async () => {
    const { feed, state } = await startFeed();
    const subject = feed.prices(feed.subject) as Subject<number>;
    const seen: number[] = [];
    subject.subscribe((price) => seen.push(price));
    subject.next(1);
    feed.subject.next(2);
    expect(subject).toBeInstanceOf(Subject);
    expect(await state()).toEqual({ ...none, running: 1 });
    subject.complete();
    expect(seen).toEqual([1, 2]);
    expect(await state()).toEqual({ ...none, ok: 1 });
    const behavior = feed.prices(feed.behavior) as BehaviorSubject<number>;
    behavior.next(8);
    expect([behavior.value, feed.behavior.value]).toEqual([8, 8]);
  });

  test('are answered by routes as usual, event streams and files included', async () => {
    const { url, lines } = await startFeed();
    expect(await (await fetch(`${url}/prices`)).json()).toEqual([1, 2]);
    for (const path of ['above', 'below']) {
      expect(await pageAt(url, `/prices/${path}`)).toMatch(/data: one\n\nid: 2\ndata: two\n\n$/);
    }
    expect(await pageAt(url, '/prices/file')).toBe('1, 2');
    const counts = await lines();
    for (const method of ['all', 'above', 'below', 'file']) {
      expect(counts).toContain(`method_duration_seconds_count{class="Prices",method="${method}",result="ok"} 1`);
    }
  });
});
