import { statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { MergeSource } from '../replica/merge/source.js';
import { BadFileError } from './file-layout.js';
import { FileReader } from './file-reader.js';
import { Accumulator, FileSource, type SourceLabels } from './file-source.js';
import { fold } from './fold.js';
import { accumulatorName, type Folder, type Listing } from './folder.js';
import { socketName } from './life-socket.js';
import { fileName, TEMPORARY } from './process-file.js';

/** Views are started again if others fold meanwhile, which takes them about as long. */
const ATTEMPTS = 20;
/** Milliseconds of work after which others get their turn on the event loop. */
const SLICE_MS = 4;
/** Milliseconds until a bad file is looked at again. */
const RETRY_MS = 5000;
/** Milliseconds that the first reading of a file waits for a moment in which it can be read. */
const FIRST_READ_MS = 250;
/** Files that are not used any more, and whose writers cannot be seen to be dead, are removed after this. */
const DAY_MS = 24 * 3600_000;
/** A file that still has its temporary name after this was left by a crash. */
const TEMPORARY_MS = 60_000;

/** How the names of sockets end. */
const SOCKET = socketName('');

/** What is wrong with a file that is left out, and when it is looked at again. */
interface LeftOut {
  readonly reason: string;
  readonly retryAt: number;
}

/** Where a group logs and counts its faults. */
export interface GroupFaults {
  /** Logs a message once. */
  warn(message: string): void;
  instrumentation(where: string, error: unknown): void;
}

/** All processes that share a folder, read from their files. */
export class Group {
  /** Files of processes that have been folded by this one. */
  folded = 0;
  /** Seconds that the last fold took; undefined if there was none. */
  lastFoldSeconds: number | undefined;
  /** The living and the dead whose files are read. */
  private readonly sources = new Map<string, FileSource>();
  private accumulator: Accumulator | undefined;
  private readonly bad = new Map<string, LeftOut>();
  private scanning: Promise<readonly MergeSource[]> | undefined;

  constructor(
    readonly folder: Folder,
    /** The ids of files whose values the caller has at first hand. */
    private readonly own: () => ReadonlySet<string>,
    private readonly labelsOf: SourceLabels,
    private readonly faults: GroupFaults,
  ) {}

  /** Files that are left out. */
  get leftOut(): number {
    return this.bad.size;
  }

  /** Processes that live, without those of `own`. */
  get living(): number {
    return [...this.sources.values()].filter(({ isAlive }) => isAlive).length;
  }

  /** All processes whose files are read, those that have ended too. */
  get all(): readonly FileSource[] {
    return [...this.sources.values()];
  }

  /** Reads all files. What is returned is of one moment as far as folding goes: nothing is missing or there twice. */
  read(): Promise<readonly MergeSource[]> {
    this.scanning ??= this.scan().finally(() => {
      this.scanning = undefined;
    });
    return this.scanning;
  }

  /** Folds the processes that have ended, if there are any; after `read`. Returns how many. */
  fold(): number {
    const dead = this.all.filter(({ isDead, reader }) => isDead && reader.isRead);
    // Links over a network may come into being and be reported as failed.
    if (dead.length === 0 || this.folder.fileSystem === 'remote') return 0;
    const start = performance.now();
    try {
      const { ids } = this.folder.list();
      const existing = new Set(ids);
      // What others have folded meanwhile is theirs.
      const left = dead.filter(({ id }) => existing.has(id));
      if (left.length === 0 || !fold(this.folder, this.accumulator, left, existing)) return 0;
      this.folded += left.length;
      this.lastFoldSeconds = (performance.now() - start) / 1000;
      return left.length;
    } catch (error) {
      this.faults.instrumentation('adding up what processes that have ended have counted', error);
      return 0;
    }
  }

  /** Forgets all files. */
  close(): void {
    for (const source of this.sources.values()) source.reader.close();
    this.sources.clear();
    this.accumulator?.reader.close();
    this.accumulator = undefined;
  }

  private async scan(): Promise<readonly MergeSource[]> {
    for (let attempt = 1; ; attempt++) {
      const before = this.folder.list();
      const isWhole = await this.readAll(before);
      const after = this.folder.list();
      if ((isWhole && after.accumulator === before.accumulator) || attempt === ATTEMPTS) {
        this.tidy(after);
        return [...this.sources.values(), ...(this.accumulator?.sources ?? [])];
      }
    }
  }

  /** Returns false if a file vanished meanwhile. */
  private async readAll(listing: Listing): Promise<boolean> {
    if (!this.readAccumulator(listing.accumulator)) return false;
    const own = this.own();
    const wanted = new Set(listing.ids.filter((id) => !own.has(id) && this.accumulator?.absorbed.has(id) !== true));
    for (const [id, source] of this.sources) {
      if (wanted.has(id)) continue;
      source.reader.close();
      this.sources.delete(id);
    }
    let sliceStart = performance.now();
    for (const id of wanted) {
      if (!(await this.readOne(id))) return false;
      if (performance.now() - sliceStart < SLICE_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceStart = performance.now();
    }
    // A process that had to start another file counts once.
    for (const { reader } of [...this.sources.values()]) {
      const { replaces } = reader.identity;
      if (replaces === undefined) continue;
      this.sources.get(replaces)?.reader.close();
      this.sources.delete(replaces);
    }
    return true;
  }

  private readAccumulator(number: number): boolean {
    if (number === (this.accumulator?.number ?? 0)) return true;
    const path = join(this.folder.path, accumulatorName(number));
    let next: Accumulator | undefined;
    try {
      if (number > 0) next = new Accumulator(new FileReader(path), number);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      this.leaveOut(accumulatorName(number), error);
    }
    this.accumulator?.reader.close();
    this.accumulator = next;
    return true;
  }

  /** Returns false if the file is not there any more. */
  private async readOne(id: string): Promise<boolean> {
    const name = fileName(id);
    const bad = this.bad.get(name);
    if (bad !== undefined && Date.now() < bad.retryAt) return true;
    try {
      let source = this.sources.get(id);
      if (source === undefined) {
        const reader = new FileReader(join(this.folder.path, name));
        if (reader.identity.id !== id) {
          reader.close();
          throw new BadFileError(`It says that it is the file ${fileName(reader.identity.id)}.`);
        }
        source = new FileSource(reader, this.labelsOf);
        this.sources.set(id, source);
      }
      const deadline = Date.now() + FIRST_READ_MS;
      // A program that changes all of its series in one go may take a while to be readable for the first time.
      while (!source.refresh(await source.look(this.folder.path))) {
        if (Date.now() > deadline) throw new BadFileError('It changes too fast to be read.');
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      this.bad.delete(name);
      return true;
    } catch (error) {
      this.sources.get(id)?.reader.close();
      this.sources.delete(id);
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      this.leaveOut(name, error);
      return true;
    }
  }

  private leaveOut(name: string, error: unknown): void {
    const reason = (error as Error).message;
    this.bad.set(name, { reason, retryAt: Date.now() + RETRY_MS });
    this.faults.warn(`The file ${name} in ${this.folder.path} is left out of pages: ${reason}`);
  }

  /** Removes what is of no more use: files left by a crash, and those of processes that cannot be seen and were silent for a day. */
  private tidy({ ids, names, accumulator }: Listing): void {
    const listed = new Set(names);
    for (const name of this.bad.keys()) if (!listed.has(name)) this.bad.delete(name);
    if (accumulator === 0) this.bad.delete(accumulatorName(0));
    const own = this.own();
    for (const name of names) if (name.startsWith(TEMPORARY)) this.removeIfOlder(name, TEMPORARY_MS, own);
    for (const id of ids) {
      const source = this.sources.get(id);
      if (source === undefined || source.isAlive || source.silence <= DAY_MS) continue;
      if (!source.isDead || this.folder.fileSystem === 'remote') {
        remove(source.reader.path);
        remove(join(this.folder.path, socketName(id)));
      }
    }
    for (const name of this.bad.keys()) this.removeIfOlder(name, DAY_MS, own);
    const sockets = names.filter((name) => name.endsWith(SOCKET) && !ids.includes(name.slice(0, -SOCKET.length)));
    for (const name of sockets) this.removeIfOlder(name, TEMPORARY_MS, own);
  }

  private removeIfOlder(name: string, ageMs: number, own: ReadonlySet<string>): void {
    if (own.has(name.slice(TEMPORARY.length)) || own.has(name.slice(0, -SOCKET.length))) return;
    const path = join(this.folder.path, name);
    try {
      if (Date.now() - statSync(path).mtimeMs > ageMs) remove(path);
    } catch {
      // It is gone.
    }
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone, or it is a folder.
  }
}

/** Removes everything that earlier processes have left, if none of those that have a file is running or may be. */
export function wipeIfAlone(folder: Folder): void {
  const { ids, names } = folder.list();
  for (const id of ids) {
    try {
      const source = new FileSource(new FileReader(join(folder.path, fileName(id))), () => ({}));
      source.refresh();
      source.reader.close();
      if (source.isAlive) return;
    } catch {
      // A file that cannot be read has no living writer.
    }
  }
  for (const name of names) {
    if (name.endsWith('.promark') || name.endsWith(SOCKET) || name.startsWith('acc-')) remove(join(folder.path, name));
  }
}
