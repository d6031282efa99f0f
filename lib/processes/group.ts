import { builtin } from '../model/load-at-runtime.js';
import { inSlices, nextTurn } from '../model/turn.js';
import type { MergeSource } from '../replica/merge/source.js';
import { BadFileError } from './file-format.js';
import { FileReader } from './file-reader.js';
import { Accumulator, FileSource, type SourceLabels } from './file-source.js';
import { fold } from './fold.js';
import { accumulatorName, type Folder, type Listing } from './folder.js';
import { socketName } from './liveness-socket.js';
import { fileName, removeFile, TEMPORARY } from './process-file.js';

const fs = builtin('node:fs');
const join = builtin('node:path').join;
/** A scan restarts if another process folds in the meantime; folding takes about as long as a scan. */
const ATTEMPTS = 20;
/** Milliseconds of work before yielding to the event loop. */
const SLICE_MS = 4;
/** Milliseconds before an excluded file is read again. */
const RETRY_MS = 5000;
/** Milliseconds that the first read of a file waits for a consistent state. */
const FIRST_READ_MS = 250;
/** Files whose writers cannot be confirmed dead are removed after this time without a heartbeat. */
const DAY_MS = 24 * 3600_000;
/** A file that still has its temporary name after this time was left by a crash. */
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
  private readonly excludedFiles = new Map<string, ExcludedFile>();
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
    return this.excludedFiles.size;
  }

  /** Number of live processes, without those of `own`. */
  get liveProcesses(): number {
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
      const remaining = dead.filter(({ id }) => existing.has(id));
      if (remaining.length === 0 || !fold(this.folder, this.accumulator, remaining, existing)) return 0;
      this.folded += remaining.length;
      this.lastFoldSeconds = (performance.now() - start) / 1000;
      return remaining.length;
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
      const isComplete = await this.readAll(before);
      const after = this.folder.list();
      if ((isComplete && after.accumulator === before.accumulator) || attempt === ATTEMPTS) {
        this.removeObsolete(after);
        return [...this.sources.values(), ...(this.accumulator?.sources ?? [])];
      }
    }
  }

  /** Returns false if a file vanished in the meantime. */
  private async readAll(listing: Listing): Promise<boolean> {
    if (!this.readAccumulator(listing.accumulator)) return false;
    const ownIds = this.own();
    const wanted = new Set(listing.ids.filter((id) => !ownIds.has(id) && this.accumulator?.absorbed.has(id) !== true));
    for (const [id, source] of this.sources) {
      if (wanted.has(id)) continue;
      source.reader.close();
      this.sources.delete(id);
    }
    let sliceStart = performance.now();
    for (const id of wanted) {
      if (!(await this.readOne(id))) return false;
      if (performance.now() - sliceStart < SLICE_MS) continue;
      await nextTurn();
      sliceStart = performance.now();
    }
    // If a process had to replace its file, only the newer one counts.
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
    let reader: FileReader | undefined;
    let next: Accumulator | undefined;
    try {
      if (number > 0) {
        reader = new FileReader(path);
        next = new Accumulator(reader, number);
      }
    } catch (error) {
      reader?.close();
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
    const excluded = this.excludedFiles.get(name);
    if (excluded !== undefined && Date.now() < excluded.retryAt) return true;
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
      // Most of the journal is read in slices, since `refresh` reads the rest and all cells without a pause.
      await inSlices(reader.prepare());
      const deadline = Date.now() + FIRST_READ_MS;
      // The first consistent read may take a while if the program changes all of its series at once.
      while (!source.refresh(await source.checkLiveness(this.folder.path))) {
        if (Date.now() > deadline) throw new BadFileError('It changes too fast for a consistent read.');
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await inSlices(reader.mirror.syncing());
      this.excludedFiles.delete(name);
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
    this.excludedFiles.set(name, { reason, retryAt: Date.now() + RETRY_MS });
    this.faults.warn(`The file ${name} in ${this.folder.path} is excluded from pages: ${reason}`);
  }

  /**
   * Removes files that crashes left, and those of processes that cannot be seen from here and have written no heartbeat
   * for a day.
   */
  private removeObsolete({ ids, names, accumulator }: Listing): void {
    const listed = new Set(names);
    for (const name of this.excludedFiles.keys()) if (!listed.has(name)) this.excludedFiles.delete(name);
    if (accumulator === 0) this.excludedFiles.delete(accumulatorName(0));
    const ownIds = this.own();
    for (const name of names) if (name.startsWith(TEMPORARY)) this.removeIfOlder(name, TEMPORARY_MS, ownIds);
    for (const id of ids) {
      const source = this.sources.get(id);
      if (source === undefined || source.isAlive || source.silenceMs <= DAY_MS) continue;
      if (!source.isDead || this.folder.fileSystem === 'remote') {
        removeFile(source.reader.path);
        removeFile(join(this.folder.path, socketName(id)));
      }
    }
    for (const name of this.excludedFiles.keys()) this.removeIfOlder(name, DAY_MS, ownIds);
    const sockets = names.filter((name) => name.endsWith(SOCKET) && !ids.includes(name.slice(0, -SOCKET.length)));
    for (const name of sockets) this.removeIfOlder(name, TEMPORARY_MS, ownIds);
  }

  private removeIfOlder(name: string, ageMs: number, ownIds: ReadonlySet<string>): void {
    if (ownIds.has(name.slice(TEMPORARY.length)) || ownIds.has(name.slice(0, -SOCKET.length))) return;
    const path = join(this.folder.path, name);
    try {
      if (Date.now() - fs.statSync(path).mtimeMs > ageMs) removeFile(path);
    } catch {
      // Already removed.
    }
  }
}

/** Removes all files of earlier processes, unless the writer of one of them is or may be running. */
export function wipeIfAlone(folder: Folder): void {
  const { ids, names } = folder.list();
  for (const id of ids) {
    let reader: FileReader | undefined;
    try {
      reader = new FileReader(join(folder.path, fileName(id)));
      const source = new FileSource(reader, () => ({}));
      source.refresh();
      if (source.isAlive) return;
    } catch {
      // A file that cannot be read has no live writer.
    } finally {
      reader?.close();
    }
  }
  for (const name of names) {
    if (name.endsWith('.promark') || name.endsWith(SOCKET) || name.startsWith('acc-'))
      removeFile(join(folder.path, name));
  }
}
