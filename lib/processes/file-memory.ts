import type { JournalMemory } from '../replica/publish/generation.js';
import type { GenerationMemory } from '../replica/publish/journal.js';
import { type CellRange, type Memory, sharedMemory } from '../store/store.js';
import { BlockKind, Mode } from './file-format.js';
import { FileWriter, type WriterMessage, WriterState } from './file-writer.js';
import type { Block, ProcessFile } from './process-file.js';

/** A registry's journal and cells in the file of its process. */
export class FileMemory implements GenerationMemory, Memory {
  readonly shared = true;
  /** The error that made the file unusable, if any. */
  failure: unknown;
  /** State shared by the threads that write the file. Only used if it is not mapped. */
  readonly state = new WriterState();
  /** Copies everything to the file. */
  readonly writer: FileWriter;
  /** Posts an update to the writer in another thread; undefined if there is none. */
  postToWriter: ((message: WriterMessage) => void) | undefined;
  private readonly blocks = new Map<ArrayBufferLike, Block>();
  private readonly generations = new Map<number, Block[]>();
  private current = 0;
  /** Blocks of earlier generations, free for reuse. */
  private readonly spare: Block[] = [];
  /** Blocks that readers may use until a later generation is committed. */
  private retired: Block[] = [];

  constructor(readonly file: ProcessFile) {
    this.writer = new FileWriter(file.fd, file.mode, this.state);
  }

  /** Returns memory for cells. Never throws: if the file has no room, the memory lies outside of it. */
  segment(bytes: number): ArrayBufferLike {
    if (this.failure !== undefined) return sharedMemory.segment(bytes);
    try {
      return this.keepFailure(() => this.addCells(this.file.add(BlockKind.CELLS, 0, bytes))).memory;
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
        const block = this.keepFailure(() => this.journalBlock(generation, bytes));
        segments.push(block);
        this.notify({ kind: 'journal', generation, block });
        return block.memory;
      },
      slabOf: ({ cells: { buffer } }: CellRange) => {
        const block = this.blocks.get(buffer) ?? this.keepFailure(() => this.adopt(buffer));
        return block.number;
      },
    };
  }

  end(generation: number): void {
    const segments = this.generations.get(generation) ?? [];
    this.generations.delete(generation);
    if (generation === this.current) this.use(Math.min(...this.generations.keys()));
    this.notify({ kind: 'end', generation });
    this.retired.push(...segments);
    // Blocks of a mapped file may be reused at once, since readers check the generation again after reading.
    if (this.file.mode === Mode.MAPPED) this.release();
  }

  /** Writes the current state to a file that is not mapped. */
  commit(heartbeat: number, closed: boolean): void {
    this.state.heartbeat = heartbeat;
    this.writer.commit(closed, this.file.entries);
    this.releaseCommitted();
  }

  /** Records a heartbeat; another thread does the writing. */
  setHeartbeat(heartbeat: number): void {
    this.state.heartbeat = heartbeat;
    this.releaseCommitted();
  }

  /** Frees the blocks that no commit refers to any longer. */
  private releaseCommitted(): void {
    if (this.state.generation === this.current) this.release();
  }

  private notify(message: WriterMessage): void {
    if (this.file.mode === Mode.MAPPED) return;
    this.writer.apply(message);
    this.postToWriter?.(message);
  }

  private keepFailure(work: () => Block): Block {
    try {
      return work();
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
  }

  private use(generation: number): void {
    this.current = generation;
    this.file.setGeneration(generation);
    this.notify({ kind: 'use', generation });
  }

  private journalBlock(generation: number, bytes: number): Block {
    const fits = this.spare.findIndex(({ entry }) => entry.length >= bytes && entry.length <= 4 * bytes);
    if (fits < 0) return this.file.add(BlockKind.JOURNAL, generation, bytes);
    return this.file.reuse(this.spare.splice(fits, 1)[0], generation);
  }

  private adopt(buffer: ArrayBufferLike): Block {
    if (this.file.mode === Mode.MAPPED) throw new Error('The cells are not in the file.', { cause: this.failure });
    return this.addCells(this.file.adopt(BlockKind.CELLS, buffer));
  }

  private addCells(block: Block): Block {
    this.blocks.set(block.memory, block);
    this.notify({ kind: 'cells', block });
    return block;
  }

  private release(): void {
    this.spare.push(...this.retired);
    this.retired = [];
  }
}
