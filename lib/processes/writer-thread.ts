import { constants, openSync } from 'node:fs';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Mode } from './file-format.js';
import { FileWriter, type WriterMessage, WriterState } from './file-writer.js';

// The program of the thread that writes a file that is not mapped, even while the registry's thread is blocked.

/** The `workerData` of the thread. */
export interface WriterData {
  readonly path: string;
  readonly state: ArrayBufferLike;
  readonly flushMs: number;
  /** Receives the messages for the writer. */
  readonly messages: MessagePort;
}

/** After this many failed attempts in a row, the registry's thread is asked to write. */
const MAX_MISSES = 4;

const { path, state, flushMs, messages } = workerData as WriterData;
const fd = openSync(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
const writer = new FileWriter(fd, Mode.BUFFERED, new WriterState(state));
let misses = 0;

function receive(): void {
  for (let one = receiveMessageOnPort(messages); one !== undefined; one = receiveMessageOnPort(messages)) {
    writer.apply(one.message as WriterMessage);
  }
}

const timer = setInterval(() => {
  try {
    misses = writer.commitConcurrently(receive) ? 0 : misses + 1;
    writer.state.mustProgramWrite = misses >= MAX_MISSES;
  } catch (error) {
    clearInterval(timer);
    parentPort?.postMessage(String(error));
  }
}, flushMs);
