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
import type { FromThread, ThreadData, TlsAnswer, ToThread } from './messages.js';
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
 * What few programs need is not compiled when the thread starts. The build makes a function of it, which takes the
 * exports of this program, so that no code is in both.
 */
function later(): typeof Later {
  laterPart ??= (loadAtRuntime(laterParts, import.meta.url) as (shared: unknown) => typeof Later)(exportsOfProgram());
  return laterPart;
}

/** Whether the registry's thread has yet to count a fault, which the next page must show. */
let hasReported = false;

function report(fault: FromThread): void {
  hasReported = true;
  send(fault);
}

const faults = {
  instrumentation: (where: string, error: unknown) => report({ kind: 'fault', where, error: sendable(error) }),
  warn: (message: string) => send({ kind: 'warning', message }),
  conflictingSource: (family: string, source: string, rival: string | undefined) =>
    report({ kind: 'conflict', family, source, rival }),
};
let group: Later.GroupMerging | undefined;
/** Made for the first worker thread that has metrics. */
let threads: Later.ThreadSources | undefined;

const mirror = new Mirror(
  () => receiveMessageOnPort(memory)?.message as MemoryTransfer | undefined,
  (range) => viewMapped(range, mappingLibrary),
);
const pages = new MirrorRegistry(mirror, {
  ask(names) {
    // It counts the faults before it answers, because messages keep their order.
    hasReported = false;
    return main.ask(names);
  },
  mustAsk() {
    if (hasReported || group !== undefined || threads !== undefined) return true;
    if (Atomics.load(isSelfContained, 0) === 0) return true;
    // Not waited for: a later page shows if the thread is blocked.
    main.check();
    return false;
  },
  async fallbacks() {
    if (fallbacks === undefined && main.collectors.length === 0) return [];
    fallbacks ??= new (later().FallbackCollectors)();
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
        'How long the event loop of that thread has stood still; 0 while it turns.',
        main.stalledMs / 1000,
      ),
      unit: 'seconds',
    },
  ],
  async merge(own, selects) {
    if (group !== undefined) return group.merge(own, selects, undefined);
    return threads === undefined ? own : threads.merge(own, selects);
  },
  describeScope: () => group?.describeScope() ?? threads?.describeScope(),
});

const registry: PageSource = {
  render: (request) => pages.render(request),
  rendersAnew: true,
  live: (use) => pages.live(use),
  faults,
};

/** While the registry's thread is busy it forwards nothing, so this thread also listens to worker threads. */
const channel = mergesThreads ? new BroadcastChannel(THREAD_CHANNEL) : undefined;

function hearThread(message: ThreadMessage): void {
  // The registry's thread knows for sure which threads have ended.
  if (message.kind === 'memory') mergeThreads()?.receive(message);
}

function mergeThreads(): Later.ThreadSources | undefined {
  if (threads === undefined && channel !== undefined) {
    threads = new (later().ThreadSources)(faults);
    threads.readAhead(channel, hearThread);
  }
  return threads;
}

function listenToThreads(): void {
  if (channel === undefined) return;
  channel.onmessage = (event) => hearThread((event as { data: ThreadMessage }).data);
  channel.unref?.();
}

/** Reads the other processes in this thread, so that they are on the page while the registry's thread is busy. */
function setGroup(view: GroupView | undefined): void {
  if (view !== undefined && view.dir === group?.view.dir) {
    group.view = view;
    return;
  }
  group?.group.close();
  group = view && new (later().GroupMerging)(view, faults);
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
      else main.hear(message);
    });
    send({ kind: 'listening', port: server.port, url: server.url });
    // So that collectors have known values if the main thread stalls before the first scrape.
    await main.ask([]);
  } catch (error) {
    main.close();
    send({ kind: 'refused', error: serializeError(error) });
  }
}

async function close(server: MetricsServer): Promise<void> {
  await server.close();
  main.close();
  // Ends the thread, which has nothing else to do. Deno cannot close the port.
  parentPort?.unref();
}

async function setTls(server: MetricsServer, { tls, answer }: Extract<ToThread, { kind: 'tls' }>): Promise<void> {
  const outcome: TlsAnswer = { error: await server.setTls(tls).then(() => undefined, serializeError) };
  answer.postMessage(outcome);
}

/** Returns a value that can be posted: the error, or else its description. */
function sendable(error: unknown): unknown {
  return error instanceof Error ? error : String(error);
}

void run();
