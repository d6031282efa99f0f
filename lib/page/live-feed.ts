import { GroupReading, type LiveFamilies } from '../model/live-family.js';
import { builtin } from '../model/load-at-runtime.js';
import { inSlices, Semaphore } from '../model/turn.js';
import type { LiveData, LiveProcess } from './live-data.js';
import { SampledFamily } from './sampled-family.js';

/** Minimum interval between samples, regardless of how many pages are open. */
const INTERVAL_MS = 900;
/** Without a request for this long, the samples are dropped. */
const DROP_AFTER_MS = 30_000;

/** Answers the requests of live pages: one sample per second for all of them, and none without requests. */
export class LiveFeed {
  private epoch = '';
  private seq = 0;
  private time = 0;
  private scope: string | undefined;
  private readonly families = new Map<string, SampledFamily>();
  private readonly removed = new Map<number, number>();
  private nextId = 0;
  private readonly answers = new Map<number, string>();
  /** Samples and responses are made in slices, one at a time. */
  private readonly work = new Semaphore(1);
  private readonly reading = new GroupReading(true);
  private dropTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly read: (use: (live: LiveFamilies) => Promise<void>) => Promise<void>,
    private readonly processInfo: () => Omit<LiveProcess, 'scope'>,
  ) {}

  /** Returns the JSON for a page that has the sample `epoch.seq`. */
  async answer(known: string): Promise<string> {
    clearTimeout(this.dropTimer);
    this.dropTimer = setTimeout(() => void this.work.run(() => this.drop()), DROP_AFTER_MS).unref();
    return this.work.run(async () => {
      if (this.seq === 0 || performance.now() - this.time >= INTERVAL_MS) {
        await this.read((live) => this.sample(live));
      }
      const [epoch, seq] = known.split('.');
      const since = epoch === this.epoch && /^\d+$/.test(seq ?? '') ? Math.min(Number(seq), this.seq) : -1;
      const answer = this.answers.get(since) ?? (await this.jsonSince(since));
      this.answers.set(since, answer);
      return answer;
    });
  }

  private async drop(): Promise<void> {
    this.seq = 0;
    this.families.clear();
    this.removed.clear();
    this.answers.clear();
  }

  private async sample({ families, prefix, scope }: LiveFamilies): Promise<void> {
    this.scope = scope;
    if (this.seq === 0) this.epoch = builtin('node:crypto').randomBytes(6).toString('hex');
    this.seq += 1;
    this.time = performance.now();
    this.answers.clear();
    await inSlices(this.sampleFamilies(families, prefix));
  }

  private *sampleFamilies(families: LiveFamilies['families'], prefix: string): Generator<void> {
    const removedNames = new Set(this.families.keys());
    for (const source of families) {
      removedNames.delete(source.name);
      let family = this.families.get(source.name);
      if (family === undefined) {
        this.nextId += 1;
        family = new SampledFamily(this.nextId, this.reading);
        this.families.set(source.name, family);
      }
      yield* family.sample(source, prefix, this.seq);
      yield;
    }
    for (const name of removedNames) {
      this.removed.set(this.families.get(name)?.id ?? -1, this.seq);
      this.families.delete(name);
    }
  }

  /** The JSON of LiveData. */
  private async jsonSince(since: number): Promise<string> {
    const changes: string[] = [];
    await inSlices(this.changesSince(since, changes));
    const removed = since < 0 ? [] : [...this.removed].filter(([, at]) => at > since).map(([id]) => id);
    const { epoch, seq, time } = this;
    const process = { ...this.processInfo(), scope: this.scope ?? 'this process' };
    const data: Omit<LiveData, 'changes'> = { epoch, seq, since, time: Math.round(time), process, removed };
    return `${JSON.stringify(data).slice(0, -1)},"changes":[${changes.join(',')}]}`;
  }

  private *changesSince(since: number, into: string[]): Generator<void> {
    for (const family of this.families.values()) {
      yield* family.writeSince(since, this.seq, into);
      yield;
    }
  }
}
