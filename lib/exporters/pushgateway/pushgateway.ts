import { ConfigError } from '../../model/errors.js';
import { checkOption, checkOptions, rule } from '../../model/options.js';
import { register } from '../../processes/multiprocess.js';
import { checkPageSource, type PageSource, reportFault } from '../page-source.js';
import { GatewayClient, type PushMethod, type PushResult } from './gateway-client.js';
import { parseGatewayUrl } from './gateway-url.js';
import { groupPath, groupRules, type PushParameters } from './group-path.js';
import { pushBody } from './push-body.js';
import { checkPushEvery, type PushEveryParameters, type PushLimits, PushLoop } from './push-every.js';
import { checkPushOptions, type PushgatewayOptions, type PushSettings } from './push-options.js';
import { withRetries } from './retry.js';
import { unlessAborted } from './time-limit.js';

/**
 * Pushes metrics to a Pushgateway, for jobs that do not live long enough to be scraped.
 *
 * Methods reject with PushError if the gateway cannot be reached or rejects the push (the message quotes its response),
 * and with ConfigError or LabelError for an invalid group. Errors and `console.log(gateway)` never show credentials.
 *
 * @example
 * const gateway = new Pushgateway('http://127.0.0.1:9091', { gzip: true });
 * await gateway.push({ jobName: 'nightly', groupings: { instance: 'eu-1' } });
 */
export class Pushgateway {
  // Truly private: inspecting or serializing a gateway must not reveal its credentials.
  readonly #settings: PushSettings;
  readonly #client: GatewayClient;
  readonly #registry: PageSource;

  /**
   * @param url The gateway, such as `http://127.0.0.1:9091`; `host:port` means http. May contain a user and a path.
   * @param registry The registry to push.
   */
  constructor(url: string | URL, registry: PageSource);
  /**
   * @param url The gateway, such as `http://127.0.0.1:9091`; `host:port` means http. May contain a user and a path.
   * @param options How to push: format, retries, credentials, time limits.
   * @param registry The registry to push. Default: `register`, the default registry.
   */
  constructor(url: string | URL, options?: PushgatewayOptions | null, registry?: PageSource);
  constructor(url: string | URL, second?: PushgatewayOptions | PageSource | null, third?: PageSource) {
    const isRegistry = typeof (second as Partial<PageSource> | null | undefined)?.render === 'function';
    this.#settings = checkPushOptions(isRegistry ? {} : (second as PushgatewayOptions | null | undefined));
    this.#client = new GatewayClient(parseGatewayUrl(url), this.#settings);
    this.#registry = third ?? (isRegistry ? (second as PageSource) : register);
    checkPageSource(this.#registry);
  }

  /** Replaces the group with all metrics of the registry (PUT). */
  push(parameters: PushParameters): Promise<PushResult> {
    return this.#send('PUT', parameters);
  }

  /** Replaces those families of the group that the registry has, and keeps the others (POST). */
  pushAdd(parameters: PushParameters): Promise<PushResult> {
    return this.#send('POST', parameters);
  }

  /** Deletes the group (DELETE). Deleting a group that does not exist succeeds. */
  delete(parameters: PushParameters): Promise<PushResult> {
    return this.#send('DELETE', parameters);
  }

  /**
   * Pushes periodically, starting after one interval, and one last time when stopped or before the process ends: when
   * it has nothing left to do, and on SIGINT and SIGTERM. `process.exit()` does not wait for anything, so await
   * `stop()` before it. Failed pushes are counted in the registry and logged once; pushing continues. The loop does not
   * keep the process alive. Throws ConfigError for invalid parameters.
   *
   * @param intervalMs Milliseconds from the end of one push to the start of the next, 1 or more.
   *
   * @example
   * await using pushing = gateway.pushEvery(15_000, { jobName: 'import' });
   */
  pushEvery(intervalMs: number, parameters: PushEveryParameters): PushLoop {
    const { add, onError, signals, lastPushTimeoutMs, group } = checkPushEvery(parameters);
    checkOption('pushEvery', 'intervalMs', intervalMs ?? 15_000, rule.milliseconds);
    this.#pathOf(group);
    const { signal, ...named } = group;
    return new PushLoop({
      to: this.#client.shown,
      intervalMs: intervalMs ?? 15_000,
      push: (limits) => this.#send(add ? 'POST' : 'PUT', named, limits),
      failed: async (error) => {
        reportFault(this.#registry, `pushing to ${this.#client.shown}`, error);
        try {
          await onError?.(error);
        } catch (fault) {
          reportFault(this.#registry, 'the option onError of pushEvery', fault);
        }
      },
      signals,
      lastPushTimeoutMs,
      signal,
    });
  }

  async #send(method: PushMethod, parameters: PushParameters, limits?: PushLimits): Promise<PushResult> {
    const { gzip, format, retries, retryDelayMs } = this.#settings;
    const signal = limits?.signal ?? parameters?.signal;
    const path = this.#pathOf(parameters);
    signal?.throwIfAborted();
    const body = method === 'DELETE' ? undefined : await unlessAborted(pushBody(this.#registry, format, gzip), signal);
    const attempt = () => this.#client.request(method, path, body, signal);
    return withRetries(attempt, { retries, retryDelayMs, signal, hurry: limits?.hurry, deadline: limits?.deadline });
  }

  #pathOf(parameters: PushParameters = {}): string {
    checkOptions('push', parameters, groupRules);
    const { jobName, groupings } = parameters;
    if (!jobName && this.#settings.requireJobName) {
      throw new ConfigError('Missing jobName parameter: every group starts with its job.');
    }
    return groupPath(jobName || undefined, groupings);
  }
}

/** prom-client's names for types. */
export declare namespace Pushgateway {
  type Parameters = PushParameters;
}
