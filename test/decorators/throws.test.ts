import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { CountExceptions, Counted, InProgress, register, Timed } from 'promark';
import { sampleValue } from 'promark/testing';
import { seriesOf } from '../support/page.js';
import { freshRegistry } from './support/fresh.js';
import { faults } from './support/page.js';

freshRegistry();

class Subject {
  @Timed()
  @Counted()
  @InProgress()
  @CountExceptions()
  fail(error: unknown): never {
    throw error;
  }
}

function caughtFrom(error: unknown): unknown {
  try {
    new Subject().fail(error);
  } catch (caught) {
    return caught;
  }
  return 'nothing was thrown';
}

async function exceptions(): Promise<Record<string, string>> {
  const { labels } = (await seriesOf('method_calls_total')).find(({ value }) => value > 0) ?? {
    labels: {} as Record<string, string>,
  };
  return { result: labels.result, exception: labels.exception };
}

class Hostile extends Error {
  override get name(): string {
    throw new Error('hostile name');
  }
}

const nameless = Object.assign(new Error('x'), { name: 7 });
const hostileProxy = new Proxy(new Error('x'), {
  get() {
    throw new Error('hostile get');
  },
  getPrototypeOf() {
    throw new Error('hostile prototype');
  },
});

describe('what the body throws is rethrown at once, as the same object', () => {
  test.each([
    ['an error', new RangeError('r'), 'RangeError'],
    ['an error with a custom name', Object.assign(new Error('x'), { name: 'NotFound' }), 'NotFound'],
    ['an error of another realm', runInContext('new TypeError("t")', createContext()), 'TypeError'],
    ['null', null, 'non_error'],
    ['undefined', undefined, 'non_error'],
    ['a string', 'text', 'non_error'],
    ['an object', { name: 'Sham' }, 'non_error'],
    ['an error whose name throws', new Hostile('x'), 'Error'],
    ['an error whose name is not a string', nameless, 'Error'],
    ['a proxy that throws', hostileProxy, 'Error'],
  ])('%s', async (_what, error, exception) => {
    expect(Object.is(caughtFrom(error), error)).toBe(true);
    expect(await exceptions()).toEqual({ result: 'error', exception });
    expect(await sampleValue(register, 'method_inprogress', { class: 'Subject', method: 'fail' })).toBe(0);
    expect(await seriesOf('method_exceptions_total')).toEqual([
      { labels: { class: 'Subject', method: 'fail', exception }, value: 1 },
    ]);
    expect(await faults()).toBe(0);
  });
});

test('an AbortError counts as a cancellation', async () => {
  const error = new DOMException('stopped', 'AbortError');
  expect(caughtFrom(error)).toBe(error);
  expect(await exceptions()).toEqual({ result: 'cancelled', exception: 'AbortError' });
  expect(await seriesOf('method_exceptions_total')).toEqual([]);
});

test('a hundred error names get a series of their own, the rest share one', async () => {
  for (let i = 0; i < 150; i++) caughtFrom(Object.assign(new Error('x'), { name: `E${i}` }));
  const failed = await seriesOf('method_exceptions_total');
  expect(failed).toHaveLength(101);
  expect(failed.find(({ labels }) => labels.exception === 'other')?.value).toBe(50);
});
