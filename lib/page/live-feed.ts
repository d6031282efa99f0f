import { GroupReading, type LiveFamilies } from '../model/live-family.js';
import { builtin } from '../model/load-at-runtime.js';
import type { LiveChange, LiveData, LiveProcess } from './live-data.js';
import { SampledFamily } from './sampled-family.js';

/** Minimum interval between samples, however many pages are open. */
const INTERVAL_MS = 900;
/** If no page asks for this long, everything is dropped. */
const FORGOTTEN_AFTER_MS = 30_000;

/** Answers live pages: one sample a second for all of them, and none while no page asks. */
export class LiveFeed {
  private epoch = '';
  private seq = 0;
  private time = 0;
  private scope: string | undefined;
  private readonly families = new Map<string, SampledFamily>();
  private readonly left = new Map<number, number>();
  private nextId = 0;
  private readonly answers = new Map<number, string>();
  private sampling: Promise<void> | undefined;
  private readonly reading = new GroupReading(true);
  private forgetting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly read: () => Promise<LiveFamilies>,
    private readonly about: () => Omit<LiveProcess, 'scope'>,
  ) {}

  /** Returns the response to a page that knows a sample, `epoch.seq`, as JSON. */
  async answer(known: string): Promise<string> {
    clearTimeout(this.forgetting);
    this.forgetting = setTimeout(() => this.forget(), FORGOTTEN_AFTER_MS).unref();
    if (this.seq === 0 || performance.now() - this.time >= INTERVAL_MS) {
      this.sampling ??= this.sample().finally(() => {
        this.sampling = undefined;
      });
      await this.sampling;
    }
    const [epoch, seq] = known.split('.');
    const since = epoch === this.epoch && /^\d+$/.test(seq ?? '') ? Math.min(Number(seq), this.seq) : -1;
    const answer = this.answers.get(since) ?? JSON.stringify(this.dataSince(since));
    this.answers.set(since, answer);
    return answer;
  }

  private forget(): void {
    this.seq = 0;
    this.families.clear();
    this.left.clear();
    this.answers.clear();
  }

  private async sample(): Promise<void> {
    const { families, prefix, scope } = await this.read();
    this.scope = scope;
    if (this.seq === 0) this.epoch = builtin('node:crypto').randomBytes(6).toString('hex');
    this.seq += 1;
    this.time = performance.now();
    this.answers.clear();
    const gone = new Set(this.families.keys());
    for (const source of families) {
      gone.delete(source.name);
      let family = this.families.get(source.name);
      if (family === undefined) {
        this.nextId += 1;
        family = new SampledFamily(this.nextId, this.reading);
        this.families.set(source.name, family);
      }
      family.sample(source, prefix, this.seq);
    }
    for (const name of gone) {
      this.left.set(this.families.get(name)?.id ?? -1, this.seq);
      this.families.delete(name);
    }
  }

  private dataSince(since: number): LiveData {
    const changes = [...this.families.values()].flatMap((family): LiveChange[] => {
      const change = family.changeSince(since, this.seq);
      return change === undefined ? [] : [change];
    });
    const left = since < 0 ? [] : [...this.left].filter(([, at]) => at > since).map(([id]) => id);
    const { epoch, seq, time } = this;
    const process = { ...this.about(), scope: this.scope ?? 'this process' };
    return { epoch, seq, since, time: Math.round(time), process, left, changes };
  }
}
