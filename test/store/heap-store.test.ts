import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CellRange, Counter, HeapStore, type Memory, Registry, SlabStore } from 'promark';

describe('cells on the heap', () => {
  test('are 0 when they are allocated and belong to one range alone', () => {
    const step = fc.record({ count: fc.integer({ min: 1, max: 5000 }), release: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const store = new HeapStore();
        const allocated: { range: CellRange; count: number; fill: number }[] = [];
        let fill = 0;
        for (const { count, release } of steps) {
          const range = store.allocate(count);
          fill += 1;
          expect(range.cells.subarray(range.index, range.index + count).every((cell) => cell === 0)).toBe(true);
          range.cells.fill(fill, range.index, range.index + count);
          allocated.push({ range, count, fill });
          if (release) {
            const [first] = allocated.splice(0, 1);
            store.release(first.range, first.count);
          }
        }
        for (const { range, count, fill: own } of allocated) {
          expect(range.cells.subarray(range.index, range.index + count).every((cell) => cell === own)).toBe(true);
        }
      }),
    );
  });

  test('are reused after they are released', () => {
    const store = new HeapStore();
    const range = store.allocate(7);
    store.release(range, 7);
    expect(store.allocate(7)).toBe(range);
    expect(store.allocate(7)).not.toBe(range);
  });
});

test("a registry's own metrics take their cells from its store too", () => {
  let segments = 0;
  const memory: Memory = {
    shared: false,
    segment(bytes) {
      segments += 1;
      return new ArrayBuffer(bytes);
    },
  };
  const registry = new Registry({ store: new SlabStore(memory), logger: { warn() {} } });
  registry.faults.instrumentation('a test', new Error('on purpose'));
  expect(segments).toBe(1);
  new Counter({ name: 'c_total', help: 'c', registers: [registry] }).inc();
  expect(segments).toBe(1);
});
