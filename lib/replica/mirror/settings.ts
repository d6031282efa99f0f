import type { PageSettings } from '../../formats/page-renderer.js';

/** What pages of a registry have in common, as its journal says it. */
export interface MirrorSettings extends PageSettings {
  /** Nanoseconds on the clock of all threads (`process.hrtime`) at which the writer's `performance.now()` was 0. */
  readonly clockOrigin: number;
}
