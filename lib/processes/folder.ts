import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../model/errors.js';
import { type FileSystemKind, fileSystemOf } from './file-system.js';

/** The file of a process, by its name. */
const FILE = /^([0-9a-f]{32})\.promark$/;
/** What the processes that have ended have left. */
const ACCUMULATED = /^acc-(\d{1,15})$/;

/** What lies in a folder at one moment, as far as a listing is one. */
export interface Listing {
  /** The ids of the files of processes. */
  readonly ids: readonly string[];
  /** The number of the newest accumulator; 0 if there is none. */
  readonly accumulator: number;
  readonly accumulators: readonly number[];
  readonly names: readonly string[];
}

export const accumulatorName = (number: number): string => `acc-${number}`;

/** The folder in which the processes of a group have their files. */
export class Folder {
  readonly path: string;
  private kind: FileSystemKind | undefined;

  constructor(
    path: string,
    /** Whether a folder that other users may write to is used anyway. */
    private readonly allowOthers: boolean,
  ) {
    this.path = resolve(path);
  }

  /** What its file system allows. */
  get fileSystem(): FileSystemKind {
    this.kind ??= fileSystemOf(this.path);
    return this.kind;
  }

  /** Makes the folder if there is none. Throws ConfigError for one that cannot be used, or that strangers may write to. */
  open(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new ConfigError(
        `The folder ${this.path} for the metrics of several processes cannot be made: ${String(error)}`,
      );
    }
    const stat = lstatSync(this.path);
    if (!stat.isDirectory())
      throw new ConfigError(`${this.path} is not a folder, so processes cannot share metrics there.`);
    if (this.allowOthers || process.platform === 'win32') return;
    if (stat.uid !== process.geteuid?.()) {
      throw new ConfigError(
        `${this.path} belongs to another user (${stat.uid}), who could change or destroy the metrics. Use a folder inside of ` +
          `it that does not exist yet, such as ${this.path}/promark, or set \`allowSharedFolder: true\`.`,
      );
    }
    if ((stat.mode & 0o022) === 0) return;
    throw new ConfigError(
      `Other users may write to ${this.path} (mode ${(stat.mode & 0o777).toString(8)}), and could change or destroy the metrics. ` +
        `Use a folder inside of it that does not exist yet, such as ${this.path}/promark, which is made with mode 700; or ` +
        'set `allowSharedFolder: true`.',
    );
  }

  /** Lists the folder; empty if it does not exist. */
  list(): Listing {
    let names: string[] = [];
    try {
      names = readdirSync(this.path);
    } catch {
      // Vanished: the processes that write there make it again.
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
