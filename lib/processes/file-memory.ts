import type { JournalMemory } from '../replica/publish/generation.js';
import type { GenerationMemory } from '../replica/publish/journal.js';
import { type CellRange, type Memory, sharedMemory } from '../store/store.js';
import { BlockKind, Mode } from './file-layout.js';
import { FileWriter, type WriterMessage, WriterState } from './file-writer.js';
import type { Block, ProcessFile } from './process-file.js';

/** The journal and the cells of a registry in the file of its process. */
export class FileMemory implements GenerationMemory, Memory {
  readonly shared = true;
  /** Why there was no room in the file; undefined as long as there was. */
  trouble: unknown;
  /** What threads that write the file have in common. Only where it is not mapped. */
  readonly state = new WriterState();
  /** Copies everything to the file. */
  readonly writer: FileWriter;
  /** Called with what a writer in another thread has to know. */
  follow: ((message: WriterMessage) => void) | undefined;
  private readonly blocks = new Map<ArrayBufferLike, Block>();
  private readonly generations = new Map<number, Block[]>();
  private current = 0;
  /** Blocks of earlier generations, which can be used again. */
  private readonly spare: Block[] = [];
  /** Those that readers may still use until a commit of a later generation. */
  private leaving: Block[] = [];

  constructor(readonly file: ProcessFile) {
    this.writer = new FileWriter(file.fd, file.mode, this.state);
  }

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
    const segments: Block[] = [];
    this.generations.set(generation, segments);
    if (this.current === 0) this.use(generation);
    return {
      segment: (bytes) => {
        const block = this.noting(() => this.journalBlock(generation, bytes));
        segments.push(block);
        this.tell({ kind: 'journal', generation, block });
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
    this.tell({ kind: 'end', generation });
    this.leaving.push(...segments);
    // Readers of a mapped file look at the generation again when they have read.
    if (this.file.mode === Mode.MAPPED) this.release();
  }

  /** Writes everything to a file that is not mapped, as it is now, and makes it the newest state. */
  commit(heartbeat: number, closed: boolean): void {
    this.state.heartbeat = heartbeat;
    this.writer.commit(closed, this.file.entries);
    this.releaseCommitted();
  }

  /** Leaves the writing to another thread. */
  noteLife(heartbeat: number): void {
    this.state.heartbeat = heartbeat;
    this.releaseCommitted();
  }

  /** Lets blocks be used again that no commit names any more. */
  private releaseCommitted(): void {
    if (this.state.generation === this.current) this.release();
  }

  private tell(message: WriterMessage): void {
    if (this.file.mode === Mode.MAPPED) return;
    this.writer.take(message);
    this.follow?.(message);
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
    this.tell({ kind: 'use', generation });
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
    this.tell({ kind: 'cells', block });
    return block;
  }

  private release(): void {
    this.spare.push(...this.leaving);
    this.leaving = [];
  }
}
