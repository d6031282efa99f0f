import { ConfigError, reasonOf } from '../model/errors.js';
import { builtin } from '../model/load-at-runtime.js';
import { type FileSystemKind, fileSystemOf } from './file-system.js';

const fs = builtin('node:fs');
const { dirname, resolve } = builtin('node:path');
/** File name of a process. */
const FILE = /^([0-9a-f]{32})\.promark$/;
/** File name of an accumulator, which holds the values of ended processes. */
const ACCUMULATED = /^acc-(\d{1,15})$/;

/** The contents of a folder at one moment, as far as a listing is atomic. */
export interface Listing {
  /** The ids of process files. */
  readonly ids: readonly string[];
  /** The number of the newest accumulator; 0 if there is none. */
  readonly accumulator: number;
  readonly accumulators: readonly number[];
  readonly names: readonly string[];
}

export const accumulatorName = (number: number): string => `acc-${number}`;

/** The folder that holds the files of a group's processes. */
export class Folder {
  readonly path: string;
  private kind: FileSystemKind | undefined;

  constructor(
    path: string,
    /** Whether to accept a folder that other users can write to. */
    private readonly allowOthers: boolean,
  ) {
    this.path = resolve(path);
  }

  /** What its file system allows. */
  get fileSystem(): FileSystemKind {
    this.kind ??= fileSystemOf(this.path);
    return this.kind;
  }

  /**
   * Creates the folder if it does not exist. Throws ConfigError if it cannot be used, or if other users can write to
   * it.
   */
  open(): void {
    try {
      createFolder(this.path);
    } catch (error) {
      throw new ConfigError(
        `Cannot create the folder ${this.path} for the metrics of several processes: ${reasonOf(error)}`,
      );
    }
    const stat = fs.lstatSync(this.path);
    if (!stat.isDirectory()) {
      const what = stat.isSymbolicLink() ? `a link to ${fs.readlinkSync(this.path)}` : 'not a folder';
      throw new ConfigError(`${this.path} is ${what}, so processes cannot share metrics there.`);
    }
    if (this.allowOthers || process.platform === 'win32') return;
    const advice =
      'could change or destroy the metrics. Use a folder inside it that does not exist yet, such as ' +
      `${this.path}/promark, or set \`allowSharedFolder: true\`.`;
    if (stat.uid !== process.geteuid?.()) {
      throw new ConfigError(`${this.path} belongs to another user (${stat.uid}), who ${advice}`);
    }
    if ((stat.mode & 0o022) === 0) return;
    throw new ConfigError(
      `Other users can write to ${this.path} (mode ${(stat.mode & 0o777).toString(8)}) and ${advice}`,
    );
  }

  /** Lists the folder; empty if it does not exist. */
  list(): Listing {
    let names: string[] = [];
    try {
      names = fs.readdirSync(this.path);
    } catch {
      // It was removed; processes that write there create it again.
    }
    const accumulators: number[] = [];
    const ids: string[] = [];
    for (const name of names) {
      const id = FILE.exec(name)?.[1];
      if (id !== undefined) ids.push(id);
      const number = ACCUMULATED.exec(name)?.[1];
      if (number !== undefined) accumulators.push(Number(number));
    }
    return { ids, accumulators, accumulator: Math.max(0, ...accumulators), names };
  }
}

/**
 * Creates a folder and its parents. Node's own `recursive` loops forever in /proc, where creating a folder always fails
 * with ENOENT (Node 20).
 */
function createFolder(path: string): void {
  if (isFolder(path)) return;
  if (dirname(path) !== path) createFolder(dirname(path));
  try {
    fs.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process of the group may have been faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Whether a path, through links, is a folder. */
export function isFolder(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
