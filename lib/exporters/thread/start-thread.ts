import { MessageChannel, type Worker } from 'node:worker_threads';
import { PromarkError } from '../../model/errors.js';
import { startThreadAtRuntime } from '../../model/load-at-runtime.js';
import { followGroupView } from '../../processes/group-view.js';
import { mappingLibrary } from '../../processes/mapping.js';
import type { Registry } from '../../registry/registry.js';
import { threadLinkOf } from '../../registry/thread-link.js';
import { processCollectors } from '../../replica/process-collectors.js';
import { type AttachedPublisher, answerScrape, attachPublisher } from '../../replica/publish/attach-publisher.js';
import type { ForwardedMessage } from '../../replica/threads/messages.js';
import { closedError, type MetricsServer } from '../serve.js';
import { checkRenewal, type ServerTls, type TlsSettings } from '../tls/server-tls.js';
import type { FromThread, ThreadData, ThreadSettings, TlsAnswer, ToThread } from './messages.js';
import { deserializeError } from './messages.js';

/** The thread could not be started at all, as when a bundler has left out its program. */
export class NoThreadError extends PromarkError {
  override name = 'NoThreadError';
}

/** A server in a thread of its own. */
export interface ThreadServer extends MetricsServer {
  /** Resolves when the thread has ended, with the reason why it ended by itself or was terminated. */
  readonly ended: Promise<Error>;
}

/**
 * Where the program of the thread is: next to this module, in the package as in a bundle that has taken it along, and
 * in the sources, where Jest makes it before a run. Only tests replace `locate`.
 */
export const threadProgram = { locate: (): URL => new URL('./server-thread.cjs', import.meta.url) };

/**
 * Starts the server in a thread of its own, over a description of the registry in shared memory. Resolves once it
 * listens and everything is described; rejects with NoThreadError where there can be no thread, and otherwise as a server
 * in this thread would.
 */
export async function startThread(registry: Registry, settings: ThreadSettings): Promise<ThreadServer> {
  const { port1: memory, port2 } = new MessageChannel();
  const threads = threadLinkOf(registry);
  const collectors = processCollectors(registry);
  const data: ThreadData = {
    settings,
    memory: port2,
    collectors,
    mergesThreads: threads !== undefined,
    mappingLibrary: mappingLibrary(),
  };
  const worker = newWorker(data, port2);
  let failure: Error | undefined;
  // Handled, so that an error that ends the thread does not end the process.
  worker.on('error', (error) => {
    failure = error;
  });
  const publisher = await attachOrEnd(registry, memory, worker);
  const unfollow = threads?.follow((message) => send(worker, { kind: 'thread', message: message as ForwardedMessage }));
  const unfollowGroup = followGroupView(registry, (view) => send(worker, { kind: 'group', view }));
  const ended = new Promise<Error>((resolve) => {
    worker.once('exit', (code) => {
      unfollow?.();
      unfollowGroup();
      publisher.end();
      resolve(failure ?? new PromarkError(`It exited with code ${code}, as when it is terminated.`));
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
      } else if (message.kind === 'refused') reject(deserializeError(message.error));
      else if (message.kind === 'fault') registry.faults.instrumentation(message.where, message.error);
      else if (message.kind === 'warning') registry.faults.warn(message.message);
      else if (message.kind === 'conflict') registry.faults.conflictingSource(message.family, message.source);
      else void reply(worker, registry, publisher, message);
    });
    // Without effect where it listens.
    void ended.then((cause) =>
      reject(new NoThreadError('The thread of the metrics server does not start.', { cause })),
    );
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

function newWorker(workerData: ThreadData, port: MessagePort): Worker {
  try {
    // What the program preloads or sets in its environment is not meant for this thread.
    const options = { name: 'promark', workerData, transferList: [port], execArgv: [], env: {} };
    return startThreadAtRuntime(threadProgram.locate(), options);
  } catch (cause) {
    throw new NoThreadError('There can be no thread for the metrics server.', { cause });
  }
}

type MessagePort = ThreadData['memory'];

/** Begins to describe the registry to the thread. Without memory for that, ends the thread and throws NoThreadError. */
async function attachOrEnd(registry: Registry, memory: MessagePort, worker: Worker): Promise<AttachedPublisher> {
  try {
    return attachPublisher(registry, memory);
  } catch (cause) {
    memory.close();
    await worker.terminate();
    throw new NoThreadError('There can be no thread for the metrics server.', { cause });
  }
}

async function reply(
  worker: Worker,
  registry: Registry,
  { publication, described }: AttachedPublisher,
  message: Extract<FromThread, { kind: 'ping' | 'ask' }>,
): Promise<void> {
  const { id } = message;
  send(worker, { kind: 'pong', id });
  publication.compactIfStale();
  if (message.kind === 'ping') return;
  // A page that is made before everything is described would lack families. Where it cannot be, the thread is ended.
  await Promise.allSettled([described]);
  try {
    const collectors = processCollectors(registry);
    const answer = await answerScrape(registry, publication, message.names);
    // What was recorded meanwhile has to be in the journal as well.
    publication.compactIfStale();
    send(worker, { kind: 'answer', id, answer, collectors });
  } catch (error) {
    // Such as a collector's family that cannot be sent.
    registry.faults.instrumentation('answering the thread of the metrics server', error);
    send(worker, {
      kind: 'answer',
      id,
      answer: { failed: [], snapshotted: [], collectorFamilies: [] },
      collectors: [],
    });
  }
}

function send(worker: Worker, message: ToThread): void {
  worker.postMessage(message);
}

/** Replaces the certificate of a server's thread. Resolves when it is in use, and keeps the process alive until then. */
async function sendTls(worker: Worker, tls: TlsSettings, ended: Promise<Error>): Promise<void> {
  const { port1, port2: answer } = new MessageChannel();
  const answered = new Promise<TlsAnswer>((resolve) => port1.once('message', resolve));
  const message: ToThread = { kind: 'tls', tls, answer };
  worker.postMessage(message, [answer]);
  try {
    const { error } = await Promise.race([
      answered,
      ended.then(() => {
        throw closedError();
      }),
    ]);
    if (error !== undefined) throw deserializeError(error);
  } finally {
    port1.close();
  }
}
