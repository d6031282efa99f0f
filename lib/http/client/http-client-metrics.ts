import { checkOptions, type OptionRules, rule } from '../../model/options.js';
import { processWide } from '../../model/process-wide.js';
import { defaultRegister } from '../../registry/default-registry.js';
import { registryRule } from '../../registry/registry-options.js';
import { listenToClients } from './channels.js';
import { ClientSeries, type HttpClientMetricsOptions } from './client-series.js';

export type { HttpClientMetricsOptions };

const RULES: OptionRules<HttpClientMetricsOptions> = {
  registry: registryRule,
  // Checked by the histogram.
  buckets: rule.any,
  native: rule.any,
  hosts: {
    expected: 'an array of hosts such as "api.example.com" or "localhost:8080"',
    accepts: (value) =>
      Array.isArray(value) && value.every((host) => typeof host === 'string' && /^[^/\s]+$/.test(host)),
  },
  maxHosts: rule.wholeNumber(1),
  enableExemplars: rule.boolean,
  ignore: rule.function,
};

/** The listener of a registry, and how many of its handles have not been stopped. */
interface ActiveListener {
  readonly stop: () => void;
  handles: number;
}

/** Shared by all copies of promark, which see the same requests: only one of them may listen for a registry. */
const listeners = processWide('http-client.v1', () => new WeakMap<object, ActiveListener>());

/**
 * Measures outgoing requests in the histogram `http_client_request_duration_seconds{method,host,status_code}`: those of
 * `fetch` and undici, and those of `node:http` and `node:https`, which most other clients use. A second call for the
 * same registry does not count them twice; it keeps the options of the first.
 *
 * Throws ConfigError for invalid options, and ConflictError if the family exists with another definition.
 *
 * @returns A handle. Measuring stops once `stop()` has been called on every handle of the registry.
 *
 * @example httpClientMetrics();
 * @example httpClientMetrics({ hosts: ['api.example.com'] });
 */
export function httpClientMetrics(options: HttpClientMetricsOptions = {}): HttpClientMetricsHandle {
  checkOptions('httpClientMetrics', options, RULES);
  const { registry = defaultRegister } = options;
  let listener = listeners.get(registry);
  if (listener === undefined) {
    const stopListening = listenToClients(new ClientSeries(registry, options));
    listener = { stop: stopListening, handles: 0 };
    listeners.set(registry, listener);
  }
  listener.handles += 1;
  let stopped = false;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    listener.handles -= 1;
    if (listener.handles > 0) return;
    listener.stop();
    listeners.delete(registry);
  };
  return { stop, [Symbol.dispose]: stop };
}

/** Returned by `httpClientMetrics`, to stop measuring. */
export interface HttpClientMetricsHandle extends Disposable {
  /** Stops measuring. The family stays in the registry. */
  stop(): void;
}
