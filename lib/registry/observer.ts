import type { LabelPairs } from '../formats/line.js';
import type { Registrable } from '../metrics/metric-registry.js';

/** What all pages of a registry have in common. */
export interface PageSettings {
  readonly prefix: string;
  readonly defaultLabels: LabelPairs;
  readonly created: boolean;
  /** Whether OpenMetrics 2.0 is served to those who ask for it. */
  readonly openMetrics2: boolean;
}

/** Is told what stands on a registry's pages. */
export interface RegistryObserver {
  /** A family has come; `last` ones stand at the end of the page, behind what collectors yield. */
  show(metric: Registrable, last: boolean): void;
  /** A family has left. */
  hide(metric: Registrable): void;
  set(settings: PageSettings): void;
}
