import type { Mirror } from '../mirror/mirror.js';
import type { MergeSource, SourceFamily } from './source.js';

/** A registry that another thread or process records in, as a source. */
export class MirrorSource implements MergeSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly startedAt: number;
  isAlive = true;

  constructor(
    readonly mirror: Mirror,
    { labels, startedAt }: Pick<MergeSource, 'labels' | 'startedAt'>,
  ) {
    this.labels = labels;
    this.startedAt = startedAt;
  }

  families(): readonly SourceFamily[] {
    this.mirror.sync();
    return this.mirror.members().map(({ source, last }) => ({ family: source, place: last ? 'trailing' : 'metrics' }));
  }
}
