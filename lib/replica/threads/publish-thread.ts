import type { BroadcastChannel } from 'node:worker_threads';
import { builtin } from '../../model/load-at-runtime.js';
import { ownTid, startTicksOf } from '../../model/os-thread.js';
import type { Registry, RegistryObserver } from '../../registry/registry.js';
import { REQUEST_CHANNEL, THREAD_CHANNEL, type ThreadPublication } from '../../registry/thread-link.js';
import { CollectedFamilies } from '../publish/collected-families.js';
import { ComputedGauges } from '../publish/computed-gauges.js';
import { JournalPublisher } from '../publish/journal-publisher.js';
import { type MemoryTransfer, ThreadMemory } from '../thread-memory.js';
import { HandedOver, type MemoryMessage, type ThreadIdentity, type ThreadMessage } from './messages.js';

/** Interval at which metrics that only this thread can refresh are refreshed for other threads' pages. */
const REFRESH_MS = 5000;

/**
 * Publishes this worker thread's registry for the pages of the main thread. All metrics are described immediately,
 * because the thread may be busy from now on, or end.
 */
export function publishThread(registry: Registry): ThreadPublication {
  const { threadId: thread, BroadcastChannel } = builtin('node:worker_threads');
  const broadcaster = new Broadcaster();
  const handedOver = new HandedOver({ thread, startedAt: Date.now(), system: systemThread() });
  const children = new Set<number>();
  // Opened before anything is posted: a reader either receives the first message or sends a request later.
  const requests = new BroadcastChannel(REQUEST_CHANNEL);
  requests.onmessage = () => {
    broadcaster.post(handedOver.message);
    for (const child of children) broadcaster.post({ kind: 'child', thread, child });
  };
  requests.unref?.();
  const send = (pieces: readonly MemoryTransfer[], ended?: number) => {
    const { identity, next: from } = handedOver;
    const numbered = pieces.map((transfer) => ({ number: from, transfer }));
    const message: MemoryMessage = { kind: 'memory', ...identity, from, to: from + 1, pieces: numbered, ended };
    handedOver.take(message);
    broadcaster.post(message);
  };
  const memory = new ThreadMemory();
  memory.listen(
    (transfer) => send([transfer]),
    (generation) => send([], generation),
  );
  const publisher = new JournalPublisher(memory, registry.faults);
  const collected = new CollectedFamilies(publisher);
  const gauges = new ComputedGauges(publisher, () => refreshSoon());
  let published: readonly Registry[] = [];
  let unobserve = () => {};
  const publish = (registries: readonly Registry[]) => {
    unobserve();
    collected.update([]);
    gauges.removeAll();
    const ends = registries.map((one) => one.observe(observerOf(publisher, gauges)));
    unobserve = () => {
      for (const end of ends) end();
    };
    published = registries;
  };
  const refresh = async () => {
    const all = await Promise.all(published.map((one) => one.prepare((metric) => metric.isOfProcess !== true)));
    for (const { metrics } of all) gauges.computed(metrics);
    collected.update(all.flatMap(({ collected }) => collected));
    publisher.compactIfStale();
  };
  const tryRefresh = () =>
    void refresh().catch((error) => registry.faults.instrumentation('bringing metrics up to date', error));
  const timer = setInterval(tryRefresh, REFRESH_MS);
  timer.unref?.();
  let first: NodeJS.Immediate | undefined;
  /** Deferred, because a `collect` function may use variables that are declared later in the program. */
  const refreshSoon = () => {
    if (first !== undefined) return;
    first = setImmediate(() => {
      first = undefined;
      tryRefresh();
    });
    first.unref?.();
  };
  publish([registry]);
  for (const _ of publisher.description());
  refreshSoon();
  const ending = () => {
    gauges.computeLast();
    publisher.journal.flush();
    broadcaster.post({ kind: 'ending', thread });
  };
  process.once('exit', ending);
  return {
    publish,
    refresh,
    childStarted(child) {
      children.add(child);
      broadcaster.post({ kind: 'child', thread, child });
    },
    childEnded(child) {
      children.delete(child);
      broadcaster.post({ kind: 'ended', thread: child });
    },
    end() {
      clearInterval(timer);
      clearImmediate(first);
      requests.close();
      process.removeListener('exit', ending);
      unobserve();
      publisher.end();
      broadcaster.post({ kind: 'withdrawn', thread });
    },
  };
}

/** The operating system's identity of this thread. */
function systemThread(): ThreadIdentity['system'] {
  // Reading /proc would make Deno ask the user for permission.
  const tid = process.versions.deno === undefined ? ownTid() : undefined;
  return tid === undefined ? undefined : { tid, startTicks: startTicksOf(process.pid, tid) ?? '' };
}

function observerOf(publisher: JournalPublisher, gauges: ComputedGauges): RegistryObserver {
  return {
    add(metric, last) {
      // The main thread itself has the metrics of the whole process.
      if (metric.isOfProcess !== true) gauges.add(metric, last);
    },
    remove: (metric) => gauges.remove(metric),
    configure: (settings) => publisher.configure(settings),
  };
}

/**
 * Posts messages to all threads immediately, since the thread may be busy or end right afterwards. The channel is
 * closed again at the end of the turn: messages from others would pile up in it while this thread is busy.
 */
class Broadcaster {
  private channel: BroadcastChannel | undefined;

  post(message: ThreadMessage): void {
    this.channel ??= this.open();
    this.channel.postMessage(message);
  }

  private open(): BroadcastChannel {
    const channel = new (builtin('node:worker_threads').BroadcastChannel)(THREAD_CHANNEL);
    channel.unref?.();
    queueMicrotask(() => {
      channel.close();
      this.channel = undefined;
    });
    return channel;
  }
}
