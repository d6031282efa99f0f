import { END_WORD, HEAD_WORDS, WRITTEN_WORD } from '../replica/layout.js';
import type { JournalMemory } from '../replica/publish/generation.js';
import type { GenerationMemory } from '../replica/publish/journal.js';
import { type CellRange, type Memory, sharedMemory } from '../store/store.js';
import { BlockKind, Mode } from './file-layout.js';
import type { Block, ProcessFile } from './process-file.js';

/** A block of the journal, and how many of its bytes have been written to the file. */
interface Segment {
  readonly block: Block;
  written: number;
}

/** The journal and the cells of a registry in the file of its process. */
export class FileMemory implements GenerationMemory, Memory {
  readonly shared = true;
  /** Why there was no room in the file; undefined as long as there was. */
  trouble: unknown;
  private readonly blocks = new Map<ArrayBufferLike, Block>();
  private readonly generations = new Map<number, Segment[]>();
  private current = 0;
  /** Blocks of earlier generations, which can be used again. */
  private readonly spare: Block[] = [];
  /** Those that readers may still use until the next commit. */
  private leaving: Block[] = [];
  private sequence = 0;

  constructor(readonly file: ProcessFile) {}

  /** Memory for cells. Never throws: without room in the file, counting goes on outside of it. */
  segment(bytes: number): ArrayBufferLike {
    if (this.trouble !== undefined) return sharedMemory.segment(bytes);
    try {
      return this.noting(() => this.remember(this.file.add(BlockKind.CELLS, 0, bytes))).memory;
    } catch {
      return sharedMemory.segment(bytes);
    }
  }

  begin(generation: number): JournalMemory {
    const segments: Segment[] = [];
    this.generations.set(generation, segments);
    if (this.current === 0) this.use(generation);
    return {
      segment: (bytes) => {
        const block = this.noting(() => this.journalBlock(generation, bytes));
        segments.push({ block, written: 0 });
        return block.memory;
      },
      slabOf: ({ cells: { buffer } }: CellRange) => {
        const block = this.blocks.get(buffer) ?? this.noting(() => this.adopt(buffer));
        return block.number;
      },
    };
  }

  end(generation: number): void {
    const segments = this.generations.get(generation) ?? [];
    this.generations.delete(generation);
    if (generation === this.current) this.use(Math.min(...this.generations.keys()));
    this.leaving.push(...segments.map(({ block }) => block));
    // Readers of a mapped file look at the generation again when they have read.
    if (this.file.mode === Mode.MAPPED) this.release();
  }

  /** Writes everything to a file that is not mapped, as it is now, and makes it the newest state. */
  commit(heartbeat: number, closed: boolean): void {
    const { file, current: generation } = this;
    const sequence = this.sequence + 1;
    for (const block of this.blocks.values()) {
      const place = file.mode === Mode.BUFFERED ? sequence % 2 : 0;
      file.write(block, new Uint8Array(block.memory), place * block.entry.length);
    }
    const segments = this.generations.get(generation) ?? [];
    const head = new Int32Array(segments[0].block.memory, 0, HEAD_WORDS);
    const [end, written] = [head[END_WORD], head[WRITTEN_WORD]];
    let start = 0;
    for (const segment of segments) {
      const { memory } = segment.block;
      const upTo = Math.min(Math.max(0, written * 4 - start), memory.byteLength);
      if (upTo > segment.written) {
        file.write(segment.block, new Uint8Array(memory, segment.written, upTo - segment.written), segment.written);
        segment.written = upTo;
      }
      start += memory.byteLength;
    }
    file.commit({ sequence, generation, end, written, closed, heartbeat });
    this.sequence = sequence;
    this.release();
  }

  private noting(work: () => Block): Block {
    try {
      return work();
    } catch (error) {
      this.trouble ??= error;
      throw error;
    }
  }

  private use(generation: number): void {
    this.current = generation;
    this.file.setGeneration(generation);
  }

  private journalBlock(generation: number, bytes: number): Block {
    const fits = this.spare.findIndex(({ entry }) => entry.length >= bytes && entry.length <= 4 * bytes);
    if (fits < 0) return this.file.add(BlockKind.JOURNAL, generation, bytes);
    return this.file.reuse(this.spare.splice(fits, 1)[0], generation);
  }

  private adopt(buffer: ArrayBufferLike): Block {
    if (this.file.mode === Mode.MAPPED) throw new Error('The cells do not lie in the file.', { cause: this.trouble });
    return this.remember(this.file.adopt(BlockKind.CELLS, buffer));
  }

  private remember(block: Block): Block {
    this.blocks.set(block.memory, block);
    return block;
  }

  private release(): void {
    this.spare.push(...this.leaving);
    this.leaving = [];
  }
}
