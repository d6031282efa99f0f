import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { SliceClock } from '../../lib/metrics/sketch/window.js';

describe('a slice clock', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  test('advances by itself once per slice while it is being read', () => {
    const clock = SliceClock.of(20_000);
    const first = clock.now();
    expect(clock.slice).toBe(first);
    for (let slice = first + 1; slice < first + 5; slice++) {
      jest.advanceTimersByTime(20_000);
      expect(clock.slice).toBe(slice);
      expect(clock.now()).toBe(slice);
      expect(jest.getTimerCount()).toBe(1);
    }
  });

  test('stops when it is not read, and resumes at the next read', () => {
    const clock = SliceClock.of(30_000);
    clock.now();
    jest.advanceTimersByTime(90_000);
    expect(jest.getTimerCount()).toBe(0);
    expect(clock.slice).toBe(-1);
    expect(clock.now()).toBe(Math.floor(performance.now() / 30_000));
    expect(clock.slice).toBe(clock.now());
  });

  test('needs no timer for a window that never moves, and reads the clock for very short slices', () => {
    const forever = SliceClock.of(Infinity);
    expect([forever.now(), forever.slice]).toEqual([0, 0]);
    const short = SliceClock.of(10);
    short.now();
    expect(short.slice).toBe(-1);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('supports slices that are longer than the longest timer', () => {
    const days = 24 * 60 * 60 * 1000;
    const clock = SliceClock.of(60 * days);
    const first = clock.now();
    jest.advanceTimersByTime(61 * days);
    expect(clock.slice).toBe(first + 1);
  });

  test('is correct when read by now(), however long the event loop was blocked', () => {
    const clock = SliceClock.of(40_000);
    const before = clock.now();
    const late = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 80_000);
    expect(clock.slice).toBe(before);
    expect(clock.now()).toBe(before + 2);
    expect(clock.slice).toBe(before + 2);
    late.mockRestore();
  });

  test('is shared by all users of the same slice length', () => {
    expect(SliceClock.of(25_000)).toBe(SliceClock.of(25_000));
  });
});
