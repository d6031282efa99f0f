import { BroadcastChannel, threadId } from 'node:worker_threads';
import type { Registry, RegistryObserver } from '../../registry/registry.js';
import { THREAD_CHANNEL, type ThreadPublication } from '../../registry/thread-link.js';
import { CollectedFamilies } from '../publish/collected-families.js';
import { JournalPublisher } from '../publish/journal-publisher.js';
import { ThreadMemory } from '../thread-memory.js';
import type { ThreadMessage } from './messages.js';

/** How often what only this thread can bring up to date is brought up to date for the pages of others. */
const REFRESH_MS = 5000;

/**
 * Lets the main thread have the metrics of this worker thread's registry on its pages. Everything is described at once: the
 * thread may be busy from now on, or end.
 */
export function publishThread(registry: Registry): ThreadPublication {
  const outlet = new Outlet();
  const startedAt = Date.now();
  let sequence = 0;
  const memory = new ThreadMemory();
  memory.listen((transfer) => {
    outlet.post({ kind: 'memory', thread: threadId, startedAt, sequence, transfer });
    sequence += 1;
  });
  const publisher = new JournalPublisher(memory, registry.faults);
  const collected = new CollectedFamilies(publisher);
  let published: readonly Registry[] = [];
  let unobserve = () => {};
  const publish = (registries: readonly Registry[]) => {
    unobserve();
    collected.update([]);
    publisher.hideAll();
    const ends = registries.map((one) => one.observe(observerOf(publisher)));
    unobserve = () => {
      for (const end of ends) end();
    };
    published = registries;
  };
  publish([registry]);
  for (const _ of publisher.description());
  const refresh = async () => {
    const all = await Promise.all(published.map((one) => one.prepare((metric) => metric.isOfProcess !== true)));
    collected.update(all.flatMap((gathered) => gathered.collected));
    publisher.compactIfStale();
  };
  const timer = setInterval(
    () => void refresh().catch((error) => registry.faults.instrumentation('bringing metrics up to date', error)),
    REFRESH_MS,
  );
  timer.unref?.();
  const ending = () => {
    publisher.journal.flush();
    outlet.post({ kind: 'ending', thread: threadId });
  };
  process.once('exit', ending);
  return {
    publish,
    refresh,
    childStarted: (child) => outlet.post({ kind: 'child', thread: threadId, child }),
    childEnded: (child) => outlet.post({ kind: 'ended', thread: child }),
    end() {
      clearInterval(timer);
      process.removeListener('exit', ending);
      unobserve();
      publisher.end();
      outlet.post({ kind: 'withdrawn', thread: threadId });
    },
  };
}

function observerOf(publisher: JournalPublisher): RegistryObserver {
  return {
    show(metric, last) {
      // The main thread has those of the process itself.
      if (metric.isOfProcess !== true) publisher.show(metric, last);
    },
    hide: (metric) => publisher.hide(metric),
    set: (settings) => publisher.set(settings),
  };
}

/**
 * Posts messages to all threads, at once: the thread may be busy or end right after. The channel is closed again at the end
 * of a turn, because messages of others would pile up in it while this thread is busy.
 */
class Outlet {
  private channel: BroadcastChannel | undefined;

  post(message: ThreadMessage): void {
    this.channel ??= this.open();
    this.channel.postMessage(message);
  }

  private open(): BroadcastChannel {
    const channel = new BroadcastChannel(THREAD_CHANNEL);
    channel.unref?.();
    queueMicrotask(() => {
      channel.close();
      this.channel = undefined;
    });
    return channel;
  }
}
