import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { END_WORD, VERSION_WORD } from '../../lib/replica/layout.js';
import { RecordLogReader } from '../../lib/replica/mirror/record-log-reader.js';
import { RecordLog, RecordWriter } from '../../lib/replica/publish/record-log.js';

type Body = { ints: number[]; float: number; texts: string[] };

const body = fc.record({
  ints: fc.array(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), { maxLength: 5 }),
  float: fc.double(),
  texts: fc.array(
    fc.oneof(fc.string({ unit: 'binary', maxLength: 100 }), fc.string({ minLength: 3000, maxLength: 5000 })),
    {
      maxLength: 4,
    },
  ),
});

function write(tape: RecordLog, { ints, float, texts }: Body): void {
  const record = new RecordWriter().begin(ints.length).float(float);
  for (const int of ints) record.int(int);
  for (const text of texts) record.string(text);
  tape.append(record);
  tape.commit();
}

/** All records that a reader finds up to the journal's end. */
function readAll(reader: RecordLogReader): Body[] {
  const bodies: Body[] = [];
  const end = reader.end();
  for (let record = reader.next(end); record !== undefined; record = reader.next(end)) {
    // Records that were read may be read again by their position.
    for (const one of [record, reader.record(record.position)]) {
      const count = one.int();
      const float = one.float();
      const ints = Array.from({ length: count }, () => one.int());
      const texts: string[] = [];
      while (one.more) texts.push(one.string());
      if (one === record) bodies.push({ ints, float, texts });
      else expect(bodies.at(-1)).toEqual({ ints, float, texts });
    }
  }
  return bodies;
}

/** A tape and its segments, in memory of this thread. */
function tape() {
  const segments: ArrayBuffer[] = [];
  const tape = new RecordLog({
    segment(bytes) {
      const segment = new ArrayBuffer(bytes);
      segments.push(segment);
      return segment;
    },
  });
  return { tape, segments };
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
        const { tape: written, segments } = tape();
        for (const one of bodies) write(written, one);
        expect(readAll(readerOf(segments))).toEqual(bodies);
      }),
    );
  });

  test('can be read as it grows', () => {
    const { tape: written, segments } = tape();
    const reader = readerOf(segments);
    let known = 1;
    for (let i = 0; i < 3000; i++) {
      const one = { ints: [i], float: i, texts: ['x'.repeat(i % 200)] };
      write(written, one);
      while (known < segments.length) reader.add(segments[known++]);
      expect(readAll(reader)).toEqual([one]);
    }
    expect(segments.length).toBeGreaterThan(2);
  });

  test('ends before a torn record, whatever part of it is lost', () => {
    const one = { ints: [1, 2, 3], float: 0.5, texts: ['GET', '/a/b'] };
    fc.assert(
      fc.property(fc.nat({ max: 20 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (before, where, flip) => {
        const { tape: written, segments } = tape();
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
    const { tape: written, segments } = tape();
    write(written, { ints: [], float: 1, texts: [] });
    new Int32Array(segments[0])[END_WORD] = 2 ** 30;
    expect(readAll(readerOf(segments))).toHaveLength(1);
  });

  test('is refused if it is not a journal, or of another version', () => {
    expect(() => new RecordLogReader(new ArrayBuffer(16))).toThrow('Not a promark journal.');
    expect(() => new RecordLogReader(new ArrayBuffer(0))).toThrow('Not a promark journal.');
    const { segments } = tape();
    new Int32Array(segments[0])[VERSION_WORD] = 7;
    expect(() => new RecordLogReader(segments[0])).toThrow(
      /format version 7, but this copy of promark reads version 1\..*Use the same release/,
    );
  });
});
