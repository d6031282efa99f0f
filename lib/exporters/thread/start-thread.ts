import type { Worker } from 'node:worker_threads';
import { PromarkError } from '../../model/errors.js';
import { builtin, mappingLibrary, startThreadAtRuntime } from '../../model/load-at-runtime.js';
import { followGroupView } from '../../processes/group-view.js';
import type { Registry } from '../../registry/registry.js';
import { processCollectors } from '../../registry/running-collectors.js';
import { threadLinkOf } from '../../registry/thread-link.js';
import { type AttachedPublisher, answerScrape, attachPublisher } from '../../replica/publish/attach-publisher.js';
import type { ForwardedMessage } from '../../replica/threads/messages.js';
import { sharedMemory } from '../../store/store.js';
import { closedError, type MetricsServer } from '../serve.js';
import { checkRenewal, type ServerTls, type TlsSettings } from '../tls/server-tls.js';
import type { FromThread, ThreadData, ThreadSettings, TlsResult, ToThread } from './messages.js';
import { deserializeError } from './messages.js';

/** Thrown if the thread cannot be started at all, for example because a bundler did not include its program. */
export class NoThreadError extends PromarkError {
  override name = 'NoThreadError';
}

/** A server in a separate thread. */
export interface ThreadServer extends MetricsServer {
  /** Resolves once the thread has ended, with the reason. */
  readonly ended: Promise<Error>;
}

/**
 * The location of the thread's program: next to this module, both in the package and in a bundle that includes it, and
 * in the sources, where Jest builds it before a run. Only tests replace `locate`.
 */
export const threadProgram = {
  locate: (): URL => new URL('./server-thread.cjs', import.meta.url),
  /** The part that is loaded only when needed. */
  locateLater: (): URL => new URL('./server-thread-later.cjs', import.meta.url),
};

/**
 * Starts the server in a separate thread, which reads the registry from shared memory. Resolves once it listens and
 * everything is described; rejects with NoThreadError if no thread can be started, and otherwise as a server in this
 * thread would.
 */
export async function startThread(registry: Registry, settings: ThreadSettings): Promise<ThreadServer> {
  const isSelfContained = sharedWord();
  const { port1: memory, port2 } = new (builtin('node:worker_threads').MessageChannel)();
  const threads = threadLinkOf(registry);
  const collectors = processCollectors(registry);
  const data: ThreadData = {
    settings,
    memory: port2,
    isSelfContained,
    collectors,
    mergesThreads: threads !== undefined,
    laterParts: pathOfLaterParts(),
    mappingLibrary: mappingLibrary(),
  };
  // Started first, because that takes longer than everything that this thread does meanwhile.
  const worker = newWorker(data, port2);
  let failure: Error | undefined;
  // Without a listener, an error that ends the thread would end the process.
  worker.on('error', (error) => {
    failure = error;
  });
  const publisher = await attachOrTerminate(registry, data, memory, worker);
  const unfollow = threads?.follow((message) => send(worker, { kind: 'thread', message: message as ForwardedMessage }));
  const unfollowGroup = followGroupView(registry, (view) => send(worker, { kind: 'group', view }));
  const ended = new Promise<Error>((resolve) => {
    worker.once('exit', (code) => {
      unfollow?.();
      unfollowGroup();
      publisher.end();
      resolve(failure ?? new PromarkError(`It exited with code ${code}, as it does when terminated.`));
    });
  });
  const listening = new Promise<ThreadServer>((resolve, reject) => {
    let closing = false;
    const close = (): Promise<void> => {
      if (!closing) {
        closing = true;
        worker.ref();
        send(worker, { kind: 'close' });
      }
      return ended.then(() => {});
    };
    const setTls = async (tls: ServerTls): Promise<void> => {
      if (closing) throw closedError();
      await sendTls(worker, checkRenewal(settings.tls, tls), ended);
    };
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'listening') {
        const { port, url } = message;
        if (!settings.keepProcessAlive) worker.unref();
        resolve({ port, url, ended, close, setTls, [Symbol.asyncDispose]: close });
      } else if (message.kind === 'failed') reject(deserializeError(message.error));
      else if (message.kind === 'fault') registry.faults.instrumentation(message.where, message.error);
      else if (message.kind === 'warning') registry.faults.warn(message.message);
      else if (message.kind === 'conflict') {
        registry.faults.conflictingSource(message.family, message.source, message.rival);
      } else void reply(worker, registry, publisher, message);
    });
    // No effect if it is already listening.
    void ended.then((cause) => reject(new NoThreadError('The thread of the metrics server did not start.', { cause })));
  });
  try {
    const [server] = await Promise.all([listening, publisher.described]);
    return server;
  } catch (error) {
    publisher.end();
    await worker.terminate();
    throw error;
  }
}

function pathOfLaterParts(): string {
  const path = builtin('node:url').fileURLToPath(threadProgram.locateLater());
  try {
    builtin('node:fs').statSync(path);
    return path;
  } catch (cause) {
    throw new NoThreadError('Cannot start a thread for the metrics server.', { cause });
  }
}

/** Allocates the word that tells the thread whether it can render pages on its own; initially, it cannot. */
function sharedWord(): Int32Array {
  try {
    return new Int32Array(sharedMemory.segment(Int32Array.BYTES_PER_ELEMENT));
  } catch (cause) {
    throw new NoThreadError('Cannot start a thread for the metrics server.', { cause });
  }
}

function newWorker(workerData: ThreadData, port: MessagePort): Worker {
  try {
    // The program's preloaded modules and environment are not meant for the new thread.
    const options = { name: 'promark', workerData, transferList: [port], execArgv: [], env: {} };
    return startThreadAtRuntime(threadProgram.locate(), options);
  } catch (cause) {
    throw new NoThreadError('Cannot start a thread for the metrics server.', { cause });
  }
}

type MessagePort = ThreadData['memory'];

/**
 * Starts describing the registry to the thread. If there is no memory for that, ends the thread and throws
 * NoThreadError.
 */
async function attachOrTerminate(
  registry: Registry,
  { isSelfContained }: ThreadData,
  memory: MessagePort,
  worker: Worker,
): Promise<AttachedPublisher> {
  try {
    return attachPublisher(registry, memory, isSelfContained);
  } catch (cause) {
    memory.close();
    await worker.terminate();
    throw new NoThreadError('Cannot start a thread for the metrics server.', { cause });
  }
}

async function reply(
  worker: Worker,
  registry: Registry,
  { publication, selfContained, described }: AttachedPublisher,
  message: Extract<FromThread, { kind: 'ping' | 'refresh' }>,
): Promise<void> {
  const { id } = message;
  send(worker, { kind: 'pong', id });
  publication.compactIfStale();
  if (message.kind === 'ping') {
    selfContained.check();
    return;
  }
  // A page rendered before everything is described would lack families. If describing fails, the thread is ended.
  await Promise.allSettled([described]);
  try {
    const collectors = processCollectors(registry);
    const answer = await answerScrape(registry, publication, message.names);
    // `selfContained.check` requires that the journal has everything recorded in the meantime.
    publication.compactIfStale();
    selfContained.check();
    send(worker, { kind: 'refreshed', id, answer, collectors });
  } catch (error) {
    // For example if a collector's family cannot be posted.
    registry.faults.instrumentation('answering the thread of the metrics server', error);
    send(worker, {
      kind: 'refreshed',
      id,
      answer: { failed: [], snapshotted: [], collectorFamilies: [] },
      collectors: [],
    });
  }
}

function send(worker: Worker, message: ToThread): void {
  worker.postMessage(message);
}

/**
 * Replaces the certificate of a server's thread. Resolves once it is in use, and keeps the process alive until then.
 */
async function sendTls(worker: Worker, tls: TlsSettings, ended: Promise<Error>): Promise<void> {
  const { port1, port2: replyTo } = new (builtin('node:worker_threads').MessageChannel)();
  const replied = new Promise<TlsResult>((resolve) => port1.once('message', resolve));
  const message: ToThread = { kind: 'tls', tls, replyTo };
  worker.postMessage(message, [replyTo]);
  try {
    const { error } = await Promise.race([
      replied,
      ended.then(() => {
        throw closedError();
      }),
    ]);
    if (error !== undefined) throw deserializeError(error);
  } finally {
    port1.close();
  }
}
