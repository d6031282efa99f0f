import { BroadcastChannel, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { loadAtRuntime } from '../../model/load-at-runtime.js';
import type { GroupView } from '../../processes/group-view.js';
import { viewMapped } from '../../processes/mapping.js';
import { gaugeFamily } from '../../registry/collector.js';
import { THREAD_CHANNEL } from '../../registry/thread-link.js';
import { Mirror } from '../../replica/mirror/mirror.js';
import { MirrorRegistry } from '../../replica/mirror/mirror-registry.js';
import type { MemoryTransfer } from '../../replica/thread-memory.js';
import type { ThreadMessage } from '../../replica/threads/messages.js';
import type { PageSource } from '../page-source.js';
import { type MetricsServer, serve } from '../serve.js';
import { MainThread } from './main-thread.js';
import type { FromThread, ThreadData, TlsResult, ToThread } from './messages.js';
import { serializeError } from './messages.js';
import type * as Later from './server-thread-later.js';

// The program of a server's thread: the usual HTTP server, with pages rendered from the registry's journal and cells.

const { settings, memory, isSelfContained, collectors, mergesThreads, laterParts, mappingLibrary } =
  workerData as ThreadData;
const send = (message: FromThread): void => parentPort?.postMessage(message);
const main = new MainThread(send, settings.mainThreadTimeoutMs, collectors);
let fallbacks: Later.FallbackCollectors | undefined;

/** Added by the build: the exports of this program, in which it is CommonJS. */
declare const exportsOfProgram: () => unknown;

let laterPart: typeof Later | undefined;

/**
 * Loads the part that few programs need, so that it is not compiled when the thread starts. The build turns it into a
 * function of the exports of this program, so that the two share their code.
 */
function loadLaterPart(): typeof Later {
  laterPart ??= (loadAtRuntime(laterParts, import.meta.url) as (shared: unknown) => typeof Later)(exportsOfProgram());
  return laterPart;
}

/** Whether a fault was reported that the registry's thread may not have counted yet; the next page must include it. */
let hasReported = false;

function report(fault: FromThread): void {
  hasReported = true;
  send(fault);
}

const faults = {
  instrumentation: (where: string, error: unknown) => report({ kind: 'fault', where, error: postable(error) }),
  warn: (message: string) => send({ kind: 'warning', message }),
  conflictingSource: (family: string, source: string, rival: string | undefined) =>
    report({ kind: 'conflict', family, source, rival }),
};
let group: Later.GroupMerging | undefined;
/** Created for the first worker thread that has metrics. */
let threads: Later.ThreadSources | undefined;

const mirror = new Mirror(
  () => receiveMessageOnPort(memory)?.message as MemoryTransfer | undefined,
  (range) => viewMapped(range, mappingLibrary),
);
const pages = new MirrorRegistry(mirror, {
  refresh(names) {
    // Messages keep their order, so that thread counts the faults before it responds.
    hasReported = false;
    return main.refresh(names);
  },
  mustRefresh() {
    if (hasReported || group !== undefined || threads !== undefined) return true;
    if (Atomics.load(isSelfContained, 0) === 0) return true;
    // Not awaited: if the thread is blocked, the next pages show that.
    main.probe();
    return false;
  },
  async fallbacks() {
    if (fallbacks === undefined && main.collectors.length === 0) return [];
    fallbacks ??= new (loadLaterPart().FallbackCollectors)();
    return fallbacks.families(main.collectors);
  },
  threadFamilies: () => [
    gaugeFamily(
      'promark_main_thread_responsive',
      'Whether the thread that the metrics belong to responds (1) or is blocked (0).',
      main.stalledMs > 0 ? 0 : 1,
    ),
    {
      ...gaugeFamily(
        'nodejs_eventloop_stalled_seconds',
        'How long the event loop of that thread has been blocked; 0 if it is not blocked.',
        main.stalledMs / 1000,
      ),
      unit: 'seconds',
    },
  ],
  async merge(ownFamilies, selects) {
    if (group !== undefined) return group.merge(ownFamilies, selects, undefined);
    return threads === undefined ? ownFamilies : threads.merge(ownFamilies, selects);
  },
  describeScope: () => group?.describeScope() ?? threads?.describeScope(),
});

const registry: PageSource = {
  render: (request) => pages.render(request),
  rendersAnew: true,
  live: (use) => pages.live(use),
  faults,
};

/** Worker threads are also listened to here, because the registry's thread forwards nothing while it is busy. */
const channel = mergesThreads ? new BroadcastChannel(THREAD_CHANNEL) : undefined;

function receiveFromWorker(message: ThreadMessage): void {
  // Only the registry's thread knows for sure which threads have ended, so other kinds are left to it.
  if (message.kind === 'memory') mergeThreads()?.receive(message);
}

function mergeThreads(): Later.ThreadSources | undefined {
  if (threads === undefined && channel !== undefined) {
    threads = new (loadLaterPart().ThreadSources)(faults);
    threads.readAhead(channel, receiveFromWorker);
  }
  return threads;
}

function listenToThreads(): void {
  if (channel === undefined) return;
  channel.onmessage = (event) => receiveFromWorker((event as { data: ThreadMessage }).data);
  channel.unref?.();
}

/** Reads the other processes in this thread, so that they are on the page while the registry's thread is busy. */
function setGroup(view: GroupView | undefined): void {
  if (view !== undefined && view.dir === group?.view.dir) {
    group.view = view;
    return;
  }
  group?.group.close();
  group = view && new (loadLaterPart().GroupMerging)(view, faults);
}

async function run(): Promise<void> {
  try {
    listenToThreads();
    // The server keeps this thread alive, regardless of what keeps the process alive.
    const server = await serve({ ...settings, registry, keepProcessAlive: true });
    parentPort?.on('message', (message: ToThread) => {
      if (message.kind === 'close') void close(server);
      else if (message.kind === 'tls') void setTls(server, message);
      else if (message.kind === 'group') setGroup(message.view);
      else if (message.kind === 'thread') mergeThreads()?.receive(message.message);
      else main.receive(message);
    });
    send({ kind: 'listening', port: server.port, url: server.url });
    // Provides values of collectors in case the main thread stalls before the first scrape.
    await main.refresh([]);
  } catch (error) {
    main.close();
    send({ kind: 'failed', error: serializeError(error) });
  }
}

async function close(server: MetricsServer): Promise<void> {
  await server.close();
  main.close();
  // Lets the thread end. Deno cannot close the port.
  parentPort?.unref();
}

async function setTls(server: MetricsServer, { tls, replyTo }: Extract<ToThread, { kind: 'tls' }>): Promise<void> {
  const result: TlsResult = { error: await server.setTls(tls).then(() => undefined, serializeError) };
  replyTo.postMessage(result);
}

/** Returns a value that can be posted: the error, or else its description. */
function postable(error: unknown): unknown {
  return error instanceof Error ? error : String(error);
}

void run();
