import { expect, test } from '@jest/globals';
import type { LiveData } from '../../lib/page/live-data.js';
import { Store } from '../../live-page/families.js';
import { rateAt } from '../../live-page/rates.js';

/** A sample of one counter, which the server took at a time in milliseconds. */
function sample(seq: number, time: number, value: number): LiveData {
  const head = {
    name: 'jobs_total',
    type: 'counter',
    help: '',
    unit: '',
    labels: [],
    lines: [['', '', '']],
    methods: [],
    objectives: [],
  } as const;
  const changes = [
    seq === 1 ? { family: 1, head, series: [[0, []] as const], values: [1, value] } : { family: 1, values: [1, value] },
  ];
  const process = { title: 'a', pid: 1, uptimeSeconds: 1, scope: 'this process' };
  return { epoch: 'e', seq, since: seq === 1 ? -1 : seq - 1, time, process, removed: [], changes };
}

test('rates are taken between the times of the samples, however long their answers were under way', () => {
  const store = new Store();
  // All three arrive at nearly the same moment.
  expect([sample(1, 1000, 0), sample(2, 2000, 10), sample(3, 3000, 20)].map((data) => store.apply(data))).toEqual([
    true,
    true,
    true,
  ]);
  const [family] = store.families.values();
  expect(rateAt(store, family, 0, 0, 2)).toBeCloseTo(10);
  expect(store.times[2] - store.times[0]).toBeCloseTo(2);
});

test('after a clock that stood still, times are those of the reader again', () => {
  const store = new Store();
  store.apply(sample(1, 1000, 0));
  store.apply(sample(2, -3_600_000, 10));
  expect(Math.abs(store.times[1] - Date.now() / 1000)).toBeLessThan(60);
});
