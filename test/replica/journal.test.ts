import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { END_WORD, VERSION_WORD } from '../../lib/replica/journal-format.js';
import { RecordLogReader } from '../../lib/replica/mirror/record-log-reader.js';
import { RecordLog, RecordWriter } from '../../lib/replica/publish/record-log.js';

type Body = { ints: number[]; float: number; strings: string[] };

const body = fc.record({
  ints: fc.array(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), { maxLength: 5 }),
  float: fc.double(),
  strings: fc.array(
    fc.oneof(fc.string({ unit: 'binary', maxLength: 100 }), fc.string({ minLength: 3000, maxLength: 5000 })),
    {
      maxLength: 4,
    },
  ),
});

function write(log: RecordLog, { ints, float, strings }: Body): void {
  const record = new RecordWriter().begin(ints.length).float(float);
  for (const int of ints) record.int(int);
  for (const string of strings) record.string(string);
  log.append(record);
  log.commit();
}

/** All records that a reader finds before the journal's end. */
function readAll(reader: RecordLogReader): Body[] {
  const bodies: Body[] = [];
  const end = reader.end();
  for (let record = reader.next(end); record !== undefined; record = reader.next(end)) {
    // Records can be read again by their position.
    for (const one of [record, reader.record(record.position)]) {
      const count = one.int();
      const float = one.float();
      const ints = Array.from({ length: count }, () => one.int());
      const strings: string[] = [];
      while (one.more) strings.push(one.string());
      if (one === record) bodies.push({ ints, float, strings });
      else expect(bodies.at(-1)).toEqual({ ints, float, strings });
    }
  }
  return bodies;
}

/** A journal and its segments, in memory of this thread. */
function newJournal() {
  const segments: ArrayBuffer[] = [];
  const log = new RecordLog({
    segment(bytes) {
      const segment = new ArrayBuffer(bytes);
      segments.push(segment);
      return segment;
    },
  });
  return { log, segments };
}

function readerOf(segments: readonly ArrayBuffer[]): RecordLogReader {
  const reader = new RecordLogReader(segments[0]);
  for (const segment of segments.slice(1)) reader.add(segment);
  return reader;
}

describe('a journal', () => {
  test('returns what was written, however it is split into segments', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 40 }), (bodies) => {
        const { log: written, segments } = newJournal();
        for (const one of bodies) write(written, one);
        expect(readAll(readerOf(segments))).toEqual(bodies);
      }),
    );
  });

  test('can be read as it grows', () => {
    const { log: written, segments } = newJournal();
    const reader = readerOf(segments);
    let known = 1;
    for (let i = 0; i < 3000; i++) {
      const one = { ints: [i], float: i, strings: ['x'.repeat(i % 200)] };
      write(written, one);
      while (known < segments.length) reader.add(segments[known++]);
      expect(readAll(reader)).toEqual([one]);
    }
    expect(segments.length).toBeGreaterThan(2);
  });

  test('ends before a torn record, whatever part of it is lost', () => {
    const one = { ints: [1, 2, 3], float: 0.5, strings: ['GET', '/a/b'] };
    fc.assert(
      fc.property(fc.nat({ max: 20 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (before, where, flip) => {
        const { log: written, segments } = newJournal();
        for (let i = 0; i < before; i++) write(written, one);
        const start = written.length;
        write(written, one);
        // The padding at the end of a record contains nothing.
        const size = 8 + new DataView(segments[0]).getUint32(start, true);
        const bytes = new Uint8Array(segments[0]);
        bytes[start + (where % size)] ^= flip;
        expect(readAll(readerOf(segments))).toHaveLength(before);
      }),
    );
  });

  test('ends where memory ends, even if its length says otherwise', () => {
    const { log: written, segments } = newJournal();
    write(written, { ints: [], float: 1, strings: [] });
    new Int32Array(segments[0])[END_WORD] = 2 ** 30;
    expect(readAll(readerOf(segments))).toHaveLength(1);
  });

  test('is rejected if it is not a journal, or has another version', () => {
    expect(() => new RecordLogReader(new ArrayBuffer(16))).toThrow('Not a promark journal.');
    expect(() => new RecordLogReader(new ArrayBuffer(0))).toThrow('Not a promark journal.');
    const { segments } = newJournal();
    new Int32Array(segments[0])[VERSION_WORD] = 7;
    expect(() => new RecordLogReader(segments[0])).toThrow(
      /format version 7, but this copy of promark reads version 1\..*Use the same release/,
    );
  });
});
