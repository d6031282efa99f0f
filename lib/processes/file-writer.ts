import { END_WORD, HEAD_WORDS, MOVED, WRITTEN_WORD } from '../replica/layout.js';
import { type Commit, commitOffset, Mode, writeCommit } from './file-layout.js';
import { JournalCheck } from './journal-check.js';
import { type Block, crashPoint, writeFully } from './process-file.js';

/** What a writer has to know, as it comes. Plain data, which can be posted to another thread. */
export type WriterMessage =
  | { readonly kind: 'cells'; readonly block: Block }
  | { readonly kind: 'journal'; readonly generation: number; readonly block: Block }
  /** Which generation of the journal is read. */
  | { readonly kind: 'use'; readonly generation: number }
  | { readonly kind: 'end'; readonly generation: number };

/** A block of the journal, and how many of its bytes have been written. */
interface Segment {
  readonly block: Block;
  written: number;
}

interface WrittenGeneration {
  readonly segments: Segment[];
  /** Only where the program goes on while the file is written. */
  check: JournalCheck | undefined;
}

/** How often cells are copied again, if rows changed hands meanwhile. */
const ATTEMPTS = 8;
/** Milliseconds that one thread waits for the other to be done with the file. */
const PATIENCE_MS = 2000;

const LOCK = 0;
const SEQUENCE = 1;
const GENERATION = 2;
const WANTED = 3;
const ENDED = 4;

/** What the threads that write a file have in common. */
export class WriterState {
  private readonly words: Int32Array;
  private readonly times: Float64Array;

  constructor(readonly memory: ArrayBufferLike = newMemory()) {
    this.words = new Int32Array(memory, 0, 6);
    this.times = new Float64Array(memory, 24, 1);
  }

  /** The number of the last commit. */
  get sequence(): number {
    return Atomics.load(this.words, SEQUENCE);
  }

  /** The generation of the journal that the last commit has. */
  get generation(): number {
    return Atomics.load(this.words, GENERATION);
  }

  committed(sequence: number, generation: number): void {
    Atomics.store(this.words, GENERATION, generation);
    Atomics.store(this.words, SEQUENCE, sequence);
  }

  /** When the program last gave a sign of life, in milliseconds since the epoch. */
  get heartbeat(): number {
    return this.times[0];
  }

  set heartbeat(now: number) {
    this.times[0] = now;
  }

  /** Whether the program itself should write, because everything changes too fast for another thread. */
  get isWanted(): boolean {
    return Atomics.load(this.words, WANTED) === 1;
  }

  set isWanted(wanted: boolean) {
    Atomics.store(this.words, WANTED, wanted ? 1 : 0);
  }

  /** Whether the last state is written, and no other may follow. */
  get isEnded(): boolean {
    return Atomics.load(this.words, ENDED) === 1;
  }

  end(): void {
    Atomics.store(this.words, ENDED, 1);
  }

  /** Works alone on the file. Returns undefined without working if another thread does not let it go. */
  alone<T>(work: () => T, isPatient: boolean): T | undefined {
    const deadline = Date.now() + (isPatient ? PATIENCE_MS : 0);
    while (Atomics.compareExchange(this.words, LOCK, 0, 1) !== 0) {
      if (Date.now() >= deadline) return undefined;
      Atomics.wait(this.words, LOCK, 1, 10);
    }
    try {
      return work();
    } finally {
      this.release();
    }
  }

  /** Frees the file; also called when a thread has ended that may have been at work. */
  release(): void {
    Atomics.store(this.words, LOCK, 0);
    Atomics.notify(this.words, LOCK);
  }
}

function newMemory(): ArrayBufferLike {
  return typeof SharedArrayBuffer === 'function' ? new SharedArrayBuffer(32) : new ArrayBuffer(32);
}

/**
 * Copies cells and journal to a file that is not mapped. What a commit names is not written to before the next one, so
 * whatever happens, the file shows the state of one commit.
 */
export class FileWriter {
  private readonly cells = new Map<number, Block>();
  private readonly generations = new Map<number, WrittenGeneration>();
  private current = 0;
  /** Entries of the directory. */
  private blocks = 0;

  constructor(
    private readonly fd: number,
    private readonly mode: number,
    readonly state: WriterState,
  ) {}

  take(message: WriterMessage): void {
    if (message.kind === 'use') this.current = message.generation;
    else if (message.kind === 'end') this.generations.delete(message.generation);
    else {
      const { block } = message;
      this.blocks = Math.max(this.blocks, block.number + 1);
      if (message.kind === 'cells') this.cells.set(block.number, block);
      else this.addSegment(message.generation, block);
    }
  }

  /** Everything that a writer in another thread has to know. */
  *messages(): Generator<WriterMessage> {
    for (const block of this.cells.values()) yield { kind: 'cells', block };
    for (const [generation, { segments }] of this.generations) {
      for (const { block } of segments) yield { kind: 'journal', generation, block };
    }
    yield { kind: 'use', generation: this.current };
  }

  /** Writes everything as it is now, and makes it the newest state. For the thread of the program itself. */
  commit(closed: boolean, blocks = this.blocks): void {
    this.blocks = blocks;
    const { state } = this;
    state.alone(() => {
      this.writeCells();
      this.writeCommit(this.position(), closed);
      if (closed) state.end();
    }, true);
  }

  /**
   * The same while the program goes on. Returns false if too many rows changed hands meanwhile; then the file stays as it
   * was.
   *
   * @param receive Takes what the program has posted by now.
   */
  commitMeanwhile(receive: () => void): boolean {
    const isWritten = this.state.alone(() => {
      for (let attempt = 0; attempt < ATTEMPTS && !this.state.isEnded; attempt++) {
        receive();
        const before = this.position();
        // What the journal names by now has been posted.
        receive();
        if (before.end === MOVED) continue;
        const generation = this.current;
        this.writeCells();
        const after = this.position();
        receive();
        if (generation !== this.current || !this.isSame(before, after)) continue;
        this.writeCommit(before, false);
        return true;
      }
      return false;
    }, false);
    return isWritten === true;
  }

  private addSegment(generation: number, block: Block): void {
    const known = this.generations.get(generation) ?? { segments: [], check: undefined };
    known.segments.push({ block, written: 0 });
    this.generations.set(generation, known);
    if (known.check !== undefined) known.check.add(block.memory);
  }

  private get segments(): readonly Segment[] {
    return this.generations.get(this.current)?.segments ?? [];
  }

  /** How far the journal goes, in words. */
  private position(): { readonly end: number; readonly written: number } {
    const head = new Int32Array(this.segments[0].block.memory, 0, HEAD_WORDS);
    // Exchanges, so that cells are not read before.
    return { end: Atomics.or(head, END_WORD, 0), written: Atomics.or(head, WRITTEN_WORD, 0) };
  }

  /** Writes them to the place that the last commit does not name. */
  private writeCells(): void {
    const place = this.mode === Mode.BUFFERED ? (this.state.sequence + 1) % 2 : 0;
    for (const { entry, memory } of this.cells.values()) {
      this.write(new Uint8Array(memory), entry.offset + place * entry.length);
    }
  }

  /** Whether no row has passed from one series to another between two positions. */
  private isSame(before: { end: number; written: number }, after: { end: number; written: number }): boolean {
    const generation = this.generations.get(this.current);
    if (generation === undefined || after.end === MOVED) return false;
    generation.check ??= this.newCheck(generation);
    generation.check.upTo(after.written);
    const { lastHandover } = generation.check;
    return lastHandover < before.end || (lastHandover < before.written && before.end === after.end);
  }

  private newCheck({ segments: [first, ...others] }: WrittenGeneration): JournalCheck {
    const check = new JournalCheck(first.block.memory, (slab) => {
      const bytes = this.cells.get(slab)?.entry.length;
      return bytes === undefined ? undefined : bytes / Float64Array.BYTES_PER_ELEMENT;
    });
    for (const { block } of others) check.add(block.memory);
    return check;
  }

  private writeCommit({ end, written }: Pick<Commit, 'end' | 'written'>, closed: boolean): void {
    let start = 0;
    for (const segment of this.segments) {
      const { memory, entry } = segment.block;
      const upTo = Math.min(Math.max(0, written * 4 - start), memory.byteLength);
      if (upTo > segment.written) {
        const bytes = new Uint8Array(memory, segment.written, upTo - segment.written);
        this.write(bytes, entry.offset + segment.written);
        segment.written = upTo;
      }
      start += memory.byteLength;
    }
    const { state, current: generation, blocks } = this;
    const sequence = state.sequence + 1;
    const { heartbeat } = state;
    const commit = writeCommit({ sequence, generation, blocks, end, written, closed, heartbeat });
    writeFully(this.fd, commit, commitOffset(sequence));
    state.committed(sequence, generation);
    crashPoint.reached('committed');
  }

  private write(bytes: Uint8Array, offset: number): void {
    writeFully(this.fd, bytes, offset);
    crashPoint.reached('written');
  }
}
