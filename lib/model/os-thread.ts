import { builtin } from './load-at-runtime.js';

const fs = builtin('node:fs');

/** The operating system's id of this thread; undefined without /proc. */
export function ownTid(): number | undefined {
  try {
    // Synchronous file operations run on the calling thread.
    const tid = Number(fs.readlinkSync('/proc/thread-self').split('/').at(-1));
    return Number.isInteger(tid) && tid > 0 ? tid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The start time of a thread in ticks since boot; empty if it is not running, undefined if it cannot be read, for
 * instance because too many files are open.
 */
export function startTicksOf(pid: number, tid: number): string | undefined {
  let stat: string;
  try {
    stat = fs.readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? '' : undefined;
  }
  // The program name, in parentheses, may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; its parent just has not collected it yet.
  return fields[0] === 'Z' || fields[0] === 'X' ? '' : fields[19];
}
