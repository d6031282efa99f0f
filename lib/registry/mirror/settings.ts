import type { LabelPairs } from '../../formats/line.js';

/** What pages of a registry have in common, as its journal says it. */
export interface MirrorSettings {
  readonly prefix: string;
  readonly defaultLabels: LabelPairs;
  readonly created: boolean;
  /** Nanoseconds on the clock of all threads (`process.hrtime`) at which the writer's `performance.now()` was 0. */
  readonly clockOrigin: number;
}
