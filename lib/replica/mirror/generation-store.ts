import type { MemoryTransfer } from '../thread-memory.js';
import { RecordLogReader } from './record-log-reader.js';

/** The memory of one generation of a journal: its segments, and the slabs that cells lie in. */
export interface GenerationMemory {
  readonly generation: number;
  readonly tape: RecordLogReader;
  readonly slabs: Float64Array[];
}

/** Sorts memory as it is handed over. */
export class GenerationStore {
  private readonly memories = new Map<number, GenerationMemory>();

  put(handed: MemoryTransfer): void {
    const { generation } = handed;
    const memory = this.memories.get(generation);
    if ('segment' in handed) {
      if (memory !== undefined) memory.tape.add(handed.segment);
      else this.memories.set(generation, { generation, tape: new RecordLogReader(handed.segment), slabs: [] });
    } else if (memory !== undefined) memory.slabs[handed.slab] = new Float64Array(handed.buffer);
  }

  /** The generation that follows one, and that every later one follows in turn; those before are forgotten. */
  after(generation: number): GenerationMemory | undefined {
    const later = [...this.memories.keys()].filter((number) => number > generation);
    const next = later.length === 0 ? undefined : this.memories.get(Math.min(...later));
    for (const number of this.memories.keys())
      if (next !== undefined && number < next.generation) this.memories.delete(number);
    return next;
  }
}
