import { builtin } from '../model/load-at-runtime.js';
import { inSlices } from '../model/turn.js';
import type { MergeSource } from '../replica/merge/source.js';
import { BadFileError } from './file-format.js';
import { FileReader } from './file-reader.js';
import { Accumulator, FileSource, type SourceLabels } from './file-source.js';
import { fold } from './fold.js';
import { accumulatorName, type Folder, type Listing } from './folder.js';
import { socketName } from './life-socket.js';
import { fileName, TEMPORARY } from './process-file.js';

const fs = builtin('node:fs');
const join = builtin('node:path').join;
/** Scans restart if other processes fold in the meantime, which takes about as long as a scan. */
const ATTEMPTS = 20;
/** Milliseconds of work before yielding to the event loop. */
const SLICE_MS = 4;
/** Milliseconds before a bad file is read again. */
const RETRY_MS = 5000;
/** Milliseconds that the first read of a file waits for a consistent state. */
const FIRST_READ_MS = 250;
/** Abandoned files whose writers cannot be confirmed dead are removed after this. */
const DAY_MS = 24 * 3600_000;
/** A file that still has its temporary name after this was left by a crash. */
const TEMPORARY_MS = 60_000;

/** Suffix of socket names. */
const SOCKET = socketName('');

/** Why a file is excluded, and when to read it again. */
interface ExcludedFile {
  readonly reason: string;
  readonly retryAt: number;
}

/** Logs and counts the faults of a group. */
export interface GroupFaults {
  /** Logs a message once. */
  warn(message: string): void;
  instrumentation(where: string, error: unknown): void;
}

/** All processes that share a folder, read from their files. */
export class Group {
  /** Number of ended processes folded by this process. */
  folded = 0;
  /** Duration of the last fold in seconds; undefined if there was none. */
  lastFoldSeconds: number | undefined;
  /** Processes, live and dead, whose files are read. */
  private readonly sources = new Map<string, FileSource>();
  private accumulator: Accumulator | undefined;
  private readonly bad = new Map<string, ExcludedFile>();
  private scanning: Promise<readonly MergeSource[]> | undefined;

  constructor(
    readonly folder: Folder,
    /** The ids of files whose values the caller has directly. */
    private readonly own: () => ReadonlySet<string>,
    private readonly labelsOf: SourceLabels,
    private readonly faults: GroupFaults,
  ) {}

  /** Number of excluded files. */
  get excluded(): number {
    return this.bad.size;
  }

  /** Number of live processes, excluding those of `own`. */
  get living(): number {
    return [...this.sources.values()].filter(({ isAlive }) => isAlive).length;
  }

  /** All processes whose files are read, including ended ones. */
  get all(): readonly FileSource[] {
    return [...this.sources.values()];
  }

  /** Reads all files. The result is consistent with respect to folding: nothing is missing or counted twice. */
  read(): Promise<readonly MergeSource[]> {
    this.scanning ??= this.scan().finally(() => {
      this.scanning = undefined;
    });
    return this.scanning;
  }

  /** Folds ended processes, if there are any; call `read` first. Returns how many were folded. */
  fold(): number {
    const dead = this.all.filter(({ isDead, reader }) => isDead && reader.isRead);
    // Over a network, creating a link may succeed and still be reported as failed.
    if (dead.length === 0 || this.folder.fileSystem === 'remote') return 0;
    const start = performance.now();
    try {
      const { ids } = this.folder.list();
      const existing = new Set(ids);
      // Skips what others have folded in the meantime.
      const left = dead.filter(({ id }) => existing.has(id));
      if (left.length === 0 || !fold(this.folder, this.accumulator, left, existing)) return 0;
      this.folded += left.length;
      this.lastFoldSeconds = (performance.now() - start) / 1000;
      return left.length;
    } catch (error) {
      this.faults.instrumentation('folding the metrics of ended processes', error);
      return 0;
    }
  }

  /** Closes all files. */
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

  /** Returns false if a file vanished in the meantime. */
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
    // A process that had to replace its file counts once.
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
      this.exclude(accumulatorName(number), error);
    }
    this.accumulator?.reader.close();
    this.accumulator = next;
    return true;
  }

  /** Returns false if the file no longer exists. */
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
          throw new BadFileError(`It identifies itself as ${fileName(reader.identity.id)}.`);
        }
        source = new FileSource(reader, this.labelsOf);
        this.sources.set(id, source);
      }
      const { reader } = source;
      // Reads most of the journal in slices; `refresh` must read the rest and all cells without a pause.
      await inSlices(reader.prepare());
      const deadline = Date.now() + FIRST_READ_MS;
      // If a program changes all of its series at once, the first consistent read may take a while.
      while (!source.refresh(await source.look(this.folder.path))) {
        if (Date.now() > deadline) throw new BadFileError('It changes too fast for a consistent read.');
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await inSlices(reader.mirror.syncing());
      this.bad.delete(name);
      return true;
    } catch (error) {
      this.sources.get(id)?.reader.close();
      this.sources.delete(id);
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      this.exclude(name, error);
      return true;
    }
  }

  private exclude(name: string, error: unknown): void {
    const reason = (error as Error).message;
    this.bad.set(name, { reason, retryAt: Date.now() + RETRY_MS });
    this.faults.warn(`The file ${name} in ${this.folder.path} is excluded from pages: ${reason}`);
  }

  /**
   * Removes obsolete files: those left by crashes, and those of processes that cannot be seen and were silent for a
   * day.
   */
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
      if (Date.now() - fs.statSync(path).mtimeMs > ageMs) remove(path);
    } catch {
      // Already removed.
    }
  }
}

function remove(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch {
    // Already removed, or a folder.
  }
}

/** Removes everything that earlier processes left, unless a process with a file is running or may be. */
export function wipeIfAlone(folder: Folder): void {
  const { ids, names } = folder.list();
  for (const id of ids) {
    try {
      const source = new FileSource(new FileReader(join(folder.path, fileName(id))), () => ({}));
      source.refresh();
      source.reader.close();
      if (source.isAlive) return;
    } catch {
      // A file that cannot be read has no live writer.
    }
  }
  for (const name of names) {
    if (name.endsWith('.promark') || name.endsWith(SOCKET) || name.startsWith('acc-')) remove(join(folder.path, name));
  }
}
