import type { Worker } from 'node:worker_threads';
import { builtin, startThreadAtRuntime } from '../model/load-at-runtime.js';
import type { FileMemory } from './file-memory.js';
import type { WriterMessage } from './file-writer.js';
import type { WriterData } from './writer-thread.js';

/**
 * The location of the thread's program: next to this module, both in the package and in the sources. Only tests replace
 * it.
 */
export const writerProgram = { locate: (): URL => new URL('./writer-thread.cjs', import.meta.url) };

/**
 * Starts a thread that writes a file that is not mapped. Returns a function that ends the thread. If the thread cannot
 * be started or ends on its own, `onFailure` is called, and the caller must write the file.
 */
export function startWriterThread(
  memory: FileMemory,
  flushMs: number,
  onFailure: (reason: string) => void,
): () => void {
  let isEnded = false;
  let worker: Worker | undefined;
  const { port1, port2 } = new (builtin('node:worker_threads').MessageChannel)();
  const end = () => {
    isEnded = true;
    memory.postToWriter = undefined;
    port1.close();
    void worker?.terminate();
  };
  const fail = (reason: string) => {
    if (isEnded) return;
    end();
    onFailure(reason);
  };
  const post = (message: WriterMessage) => {
    // Other memory would be copied when posted, so the thread would not see later changes.
    if ('block' in message && !isPostable(message.block.memory)) fail('some cells are not in shared memory.');
    else port1.postMessage(message);
  };
  try {
    for (const message of memory.writer.messages()) post(message);
    if (isEnded) return end;
    const { path } = memory.file;
    const workerData: WriterData = { path, state: memory.state.memory, flushMs, messages: port2 };
    worker = startThreadAtRuntime(writerProgram.locate(), {
      name: 'promark-files',
      workerData,
      transferList: [port2],
      execArgv: [],
      env: {},
    });
    memory.postToWriter = post;
    worker.on('message', (reason: string) => fail(reason));
    worker.on('error', (error) => fail(String(error)));
    worker.on('exit', () => {
      memory.state.release();
      fail('the thread has ended.');
    });
    worker.unref();
  } catch (error) {
    fail(String(error));
  }
  return end;
}

function isPostable(memory: ArrayBufferLike): boolean {
  return typeof SharedArrayBuffer === 'function' && memory instanceof SharedArrayBuffer;
}
