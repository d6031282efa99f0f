import type { Mirror } from '../mirror/mirror.js';
import type { MergeSource, SourceFamily } from './source.js';

/** A registry that another thread or process records in, as a source. */
export class MirrorSource implements MergeSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly process: string;
  readonly startedAt: number;
  isAlive = true;

  constructor(
    readonly mirror: Mirror,
    { labels, process, startedAt }: Pick<MergeSource, 'labels' | 'process' | 'startedAt'>,
  ) {
    this.labels = labels;
    this.process = process;
    this.startedAt = startedAt;
  }

  families(): readonly SourceFamily[] {
    this.mirror.sync();
    return this.mirror.members().map(({ source, last }) => ({ family: source, place: last ? 'trailing' : 'metrics' }));
  }
}
