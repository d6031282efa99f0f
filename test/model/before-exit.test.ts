import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { beforeExit } from '../../lib/model/before-exit.js';

const cancel: (() => void)[] = [];

afterEach(() => {
  for (const one of cancel.splice(0)) one();
});

test.each([
  ['once', false, 1],
  ['at each signal if it repeats', true, 3],
])('a task runs %s, as long as the program handles the signal', async (_, repeats, times) => {
  const handler = () => {};
  process.on('SIGUSR2', handler);
  let runs = 0;
  const run = async () => {
    runs += 1;
  };
  cancel.push(() => process.off('SIGUSR2', handler), beforeExit(['SIGUSR2'], run, repeats));
  for (let i = 0; i < 3; i++) {
    process.emit('SIGUSR2', 'SIGUSR2');
    await nextTurn();
  }
  expect(runs).toBe(times);
});

test('a task that is cancelled leaves no listeners behind', () => {
  const count = () => [process.listenerCount('SIGUSR2'), process.listenerCount('beforeExit')];
  const before = count();
  const stop = beforeExit(['SIGUSR2'], async () => {}, true);
  expect(count()).toEqual(before.map((listeners) => listeners + 1));
  stop();
  expect(count()).toEqual(before);
});
