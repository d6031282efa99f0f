import type { PushEveryParameters, PushgatewayOptions } from '../lib/index.js';

/** Where and how often the metrics are pushed: what a `Pushgateway` and its `pushEvery` take. */
export interface PushOptions
  extends PushgatewayOptions,
    Pick<PushEveryParameters, 'jobName' | 'groupings' | 'add' | 'onError'> {
  /** Where the gateway is, such as `http://127.0.0.1:9091`. */
  readonly url: string | URL;
  /** Milliseconds between two pushes. Default: 15 000. */
  readonly intervalMs?: number;
}
