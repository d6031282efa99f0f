import { END_WORD, HEAD_WORDS, MOVED, WRITTEN_WORD } from '../replica/journal-format.js';
import { type Commit, commitOffset, Mode, writeCommit } from './file-format.js';
import { JournalCheck } from './journal-check.js';
import { type Block, crashPoint, writeFully } from './process-file.js';

/** Updates for a writer, as plain data that can be posted to another thread. */
export type WriterMessage =
  | { readonly kind: 'cells'; readonly block: Block }
  | { readonly kind: 'journal'; readonly generation: number; readonly block: Block }
  /** The generation of the journal to read. */
  | { readonly kind: 'use'; readonly generation: number }
  | { readonly kind: 'end'; readonly generation: number };

/** A block of the journal, and how many of its bytes have been written. */
interface BlockProgress {
  readonly block: Block;
  written: number;
}

interface WrittenGeneration {
  readonly segments: BlockProgress[];
  /** Only used by `commitConcurrently`. */
  check: JournalCheck | undefined;
}

/** Maximum number of attempts to copy cells while rows are being reused. */
const ATTEMPTS = 8;
/** Milliseconds that the program waits for the other thread to stop writing. */
const LOCK_TIMEOUT_MS = 2000;

const LOCK = 0;
const SEQUENCE = 1;
const GENERATION = 2;
const PROGRAM_WRITES = 3;
const ENDED = 4;

/** State shared by the threads that write a file. */
export class WriterState {
  private readonly words: Int32Array;
  private readonly times: Float64Array;

  constructor(readonly memory: ArrayBufferLike = newMemory()) {
    this.words = new Int32Array(memory, 0, 6);
    this.times = new Float64Array(memory, 24, 1);
  }

  /** Sequence number of the last commit. */
  get sequence(): number {
    return Atomics.load(this.words, SEQUENCE);
  }

  /** The journal generation in the last commit. */
  get generation(): number {
    return Atomics.load(this.words, GENERATION);
  }

  setCommitted(sequence: number, generation: number): void {
    Atomics.store(this.words, GENERATION, generation);
    Atomics.store(this.words, SEQUENCE, sequence);
  }

  /** The program's last heartbeat, in milliseconds since the epoch. */
  get heartbeat(): number {
    return this.times[0];
  }

  set heartbeat(now: number) {
    this.times[0] = now;
  }

  /** Whether the program itself must write, because the values change too fast for another thread. */
  get mustProgramWrite(): boolean {
    return Atomics.load(this.words, PROGRAM_WRITES) === 1;
  }

  set mustProgramWrite(must: boolean) {
    Atomics.store(this.words, PROGRAM_WRITES, must ? 1 : 0);
  }

  /** Whether the final state is written and no other may follow. */
  get isEnded(): boolean {
    return Atomics.load(this.words, ENDED) === 1;
  }

  end(): void {
    Atomics.store(this.words, ENDED, 1);
  }

  /**
   * Runs `work` while no other thread writes. Returns undefined, without running it, if another thread does not stop.
   */
  whileLocked<T>(work: () => T, isPatient: boolean): T | undefined {
    const deadline = Date.now() + (isPatient ? LOCK_TIMEOUT_MS : 0);
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

  /** Lets other threads write. Also called after a thread has ended that may have been writing. */
  release(): void {
    Atomics.store(this.words, LOCK, 0);
    Atomics.notify(this.words, LOCK);
  }
}

function newMemory(): ArrayBufferLike {
  return typeof SharedArrayBuffer === 'function' ? new SharedArrayBuffer(32) : new ArrayBuffer(32);
}

/**
 * Copies cells and journal to a file that is not mapped. The data of a commit is not overwritten before the next
 * commit, so the file always has the state of one commit.
 */
export class FileWriter {
  private readonly cells = new Map<number, Block>();
  private readonly generations = new Map<number, WrittenGeneration>();
  private current = 0;
  /** Number of directory entries. */
  private blocks = 0;

  constructor(
    private readonly fd: number,
    private readonly mode: number,
    readonly state: WriterState,
  ) {}

  apply(message: WriterMessage): void {
    if (message.kind === 'use') this.current = message.generation;
    else if (message.kind === 'end') this.generations.delete(message.generation);
    else {
      const { block } = message;
      this.blocks = Math.max(this.blocks, block.number + 1);
      if (message.kind === 'cells') this.cells.set(block.number, block);
      else this.addSegment(message.generation, block);
    }
  }

  /** The updates that bring a new writer in another thread up to date. */
  *messages(): Generator<WriterMessage> {
    for (const block of this.cells.values()) yield { kind: 'cells', block };
    for (const [generation, { segments }] of this.generations) {
      for (const { block } of segments) yield { kind: 'journal', generation, block };
    }
    yield { kind: 'use', generation: this.current };
  }

  /** Writes the current state as the newest one. Only for the program's own thread. */
  commit(closed: boolean, blocks = this.blocks): void {
    this.blocks = blocks;
    const { state } = this;
    state.whileLocked(() => {
      this.writeCells();
      this.writeCommit(this.position(), closed);
      if (closed) state.end();
    }, true);
  }

  /**
   * The same from another thread, while the program keeps running. Returns false, without a commit, if rows were reused
   * in the meantime each time.
   *
   * @param receive Applies everything that the program has posted so far.
   */
  commitConcurrently(receive: () => void): boolean {
    const isWritten = this.state.whileLocked(() => {
      for (let attempt = 0; attempt < ATTEMPTS && !this.state.isEnded; attempt++) {
        receive();
        const before = this.position();
        // Everything the journal refers to by now has been posted.
        receive();
        if (before.end === MOVED) continue;
        const generation = this.current;
        this.writeCells();
        const after = this.position();
        receive();
        if (generation !== this.current || !this.isConsistent(before, after)) continue;
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

  private get segments(): readonly BlockProgress[] {
    return this.generations.get(this.current)?.segments ?? [];
  }

  /** How far the journal has been written, in words. */
  private position(): { readonly end: number; readonly written: number } {
    const head = new Int32Array(this.segments[0].block.memory, 0, HEAD_WORDS);
    // Read-modify-write operations, so that no cell is read before them.
    return { end: Atomics.or(head, END_WORD, 0), written: Atomics.or(head, WRITTEN_WORD, 0) };
  }

  /** Writes the cells to the slot that the last commit does not use. */
  private writeCells(): void {
    const slot = this.mode === Mode.BUFFERED ? (this.state.sequence + 1) % 2 : 0;
    for (const { entry, memory } of this.cells.values()) {
      this.write(new Uint8Array(memory), entry.offset + slot * entry.length);
    }
  }

  /** Whether no row was reused for another series between two positions. */
  private isConsistent(before: { end: number; written: number }, after: { end: number; written: number }): boolean {
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
    state.setCommitted(sequence, generation);
    crashPoint.reached('committed');
  }

  private write(bytes: Uint8Array, offset: number): void {
    writeFully(this.fd, bytes, offset);
    crashPoint.reached('written');
  }
}
