import type { LabelNames, LabelSpec } from '../model/labels.js';
import type { Aggregator } from './aggregator.js';
import type { MetricRegistry } from './metric-registry.js';

/** What every metric is made from. */
export interface MetricConfig<L extends LabelSpec, Self> {
  /** The name on the page, unit and `_total` included: `http_request_duration_seconds`. */
  readonly name: string;
  /** One sentence that says what is measured. */
  readonly help: string;
  /** The names of the labels, in the order in which `labels('GET', '/')` takes their values. Default: none. */
  readonly labelNames?: LabelNames<L>;
  /** The unit, such as `seconds` or `bytes`: the end of the name (before a counter's `_total`). Default: none. */
  readonly unit?: string;
  /** Where the metric is registered. Default: the default registry; `[]` for nowhere. */
  readonly registers?: readonly MetricRegistry[];
  /** Called before every page, to bring values up to date. May be async; `this` is the metric. */
  readonly collect?: (this: Self) => void | Promise<void>;
  /** The most series before observations go to one overflow series. Default: the registry's (10 000); 0 for no limit. */
  readonly maxSeries?: number;
  /** How prom-client merges the metric over a cluster. Default: `sum`. */
  readonly aggregator?: Aggregator;
  /** Whether recording calls may carry an exemplar. Default: false. */
  readonly enableExemplars?: boolean;
}
