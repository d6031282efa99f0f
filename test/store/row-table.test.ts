import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HeapStore } from 'promark';
import { RowTable } from '../../lib/store/row-table.js';
import { runs } from '../support/property-runs.js';

const NOW = 1_700_000_000_000;

function table(width = 3, lines = 1): RowTable {
  return new RowTable(new HeapStore(), width, lines);
}

/** The rows that `visit` shows from `from` to `to`, with the first cell of each. */
function visited(rows: RowTable, from: number, to: number): [row: number, first: number][] {
  const seen: [number, number][] = [];
  rows.visit(from, to, (cells, index, firstRow, count) => {
    for (let i = 0; i < count; i++) seen.push([firstRow + i, cells[index + i * rows.width]]);
  });
  return seen;
}

describe('the rows of a family', () => {
  test('behaves like a list of numbers with holes', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant('take' as const) },
      { weight: 2, arbitrary: fc.nat() },
      { weight: 1, arbitrary: fc.nat().map((n) => -1 - n) },
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 400 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        fc.nat(),
        (steps, width, a, b) => {
          const rows = table(width);
          const model = new Map<number, number>();
          let serial = 0;
          for (const what of steps) {
            const live = [...model.keys()];
            if (what === 'take') {
              const row = rows.take(NOW);
              expect(model.has(row)).toBe(false);
              const { cells, index } = rows.at(row);
              expect(Array.from(cells.subarray(index, index + width))).toEqual(new Array(width).fill(0));
              serial += 1;
              cells.fill(serial, index, index + width);
              model.set(row, serial);
            } else if (live.length > 0) {
              const row = live[Math.abs(what) % live.length];
              if (what >= 0) {
                rows.release(row);
                model.delete(row);
              } else {
                rows.zero(row, NOW);
                model.set(row, 0);
              }
            }
          }
          const sorted = [...model].sort(([x], [y]) => x - y);
          expect(rows.liveCount).toBe(model.size);
          expect(visited(rows, 0, rows.rowCount)).toEqual(sorted);
          const [from, to] = [a, b].map((n) => n % (rows.rowCount + 2)).sort((x, y) => x - y);
          expect(visited(rows, from, to)).toEqual(sorted.filter(([row]) => row >= from && row < to));
          const called: number[] = [];
          rows.forEachLive((row) => called.push(row));
          expect(called).toEqual(sorted.map(([row]) => row));
        },
      ),
      { numRuns: runs(100) },
    );
  });

  test('reuses rows before it adds new ones', () => {
    const rows = table();
    const taken = Array.from({ length: 100 }, () => rows.take(NOW));
    for (const row of taken) rows.release(row);
    const again = Array.from({ length: 100 }, () => rows.take(NOW));
    expect(new Set(again)).toEqual(new Set(taken));
    expect(rows.rowCount).toBe(100);
  });

  test('never moves the cells of a row, over tens of thousands of rows', () => {
    const rows = table(2);
    const runs = Array.from({ length: 30_000 }, () => rows.at(rows.take(NOW)));
    runs.forEach(({ cells, index }, row) => {
      cells[index] = row;
      cells[index + 1] = -row;
    });
    expect(visited(rows, 0, rows.rowCount).every(([row, first], i) => row === i && first === i)).toBe(true);
    const stayed = runs.every((run, row) => {
      const now = rows.at(row);
      return now.cells === run.cells && now.index === run.index && run.cells[run.index + 1] === -row;
    });
    expect(stayed).toBe(true);
  });

  test('changes the version of the group of a row that is taken, zeroed, touched or released, and of no other', () => {
    const rows = table(1, 512);
    const size = rows.groupRows;
    for (let i = 0; i < size * 2; i++) rows.take(NOW);
    const changes: (() => void)[] = [
      () => rows.zero(size, NOW),
      () => rows.touch(size),
      () => rows.release(size),
      () => rows.take(NOW),
    ];
    for (const change of changes) {
      const before = [rows.groupVersion(0), rows.groupVersion(1)];
      change();
      expect(rows.groupVersion(0)).toBe(before[0]);
      expect(rows.groupVersion(1)).not.toBe(before[1]);
    }
    expect(rows.groupVersion(7)).toBe(0);
  });

  test('does not consider a row dead that started when the clock was at 0', () => {
    const rows = table();
    const row = rows.take(0);
    expect(rows.isLive(row)).toBe(true);
    rows.zero(row, 0);
    expect(rows.isLive(row)).toBe(true);
    rows.release(row);
    expect(rows.isLive(row)).toBe(false);
  });

  test('lets a callback release its row', () => {
    const rows = table();
    for (let i = 0; i < 10; i++) rows.take(NOW);
    rows.forEachLive((row) => {
      if (row % 2 === 0) rows.release(row);
    });
    expect(visited(rows, 0, 10).map(([row]) => row)).toEqual([1, 3, 5, 7, 9]);
  });
});
