import { expect, test } from '@jest/globals';
import { SharedStore } from 'promark';

test('cells in shared memory are 0, belong to one range, and are reused', () => {
  const store = new SharedStore();
  const runs = Array.from({ length: 2000 }, (_, i) => store.allocate(1 + (i % 7)));
  runs.forEach(({ cells, index }, i) => {
    expect(Object.prototype.toString.call(cells.buffer)).toBe('[object SharedArrayBuffer]');
    expect(cells[index]).toBe(0);
    cells[index] = i;
  });
  expect(runs.every(({ cells, index }, i) => cells[index] === i)).toBe(true);
  store.release(runs[5], 6);
  expect(store.allocate(6)).toBe(runs[5]);
  expect(runs[5].cells[runs[5].index]).toBe(0);
});
