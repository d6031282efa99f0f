import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { DefaultCollector } from './scope.js';

const FOLDER = '/proc/self/fd';

export const processOpenFileDescriptors: DefaultCollector = (scope) => {
  if (folderSize() === undefined) return;

  scope.gauge({ name: 'process_open_fds', help: 'Number of open file descriptors.' }, (set) => {
    const count = folderSize();
    // Linux before 6.2 calls the folder empty. Listing it takes long where many files are open, so not on this thread.
    return count === 0 ? listed().then(set) : set(count);
  });
};

/** Since Linux 6.2 the size of the folder is the number of descriptors: one call, however many are open. */
function folderSize(): number | undefined {
  try {
    return statSync(FOLDER).size;
  } catch {
    return undefined;
  }
}

async function listed(): Promise<number | undefined> {
  try {
    // One of them is the descriptor that lists the folder.
    return (await readdir(FOLDER)).length - 1;
  } catch {
    return undefined;
  }
}
