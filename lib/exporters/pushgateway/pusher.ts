import { ConfigError } from '../../model/errors.js';
import { checkOption, checkOptions, rule } from '../../model/options.js';
import { checkPageSource, type PageSource, reportFault } from '../page-source.js';
import { GatewayClient, type PushMethod, type PushResult } from './gateway-client.js';
import { parseGatewayUrl } from './gateway-url.js';
import { groupPath, groupRules, type PushParameters } from './group-path.js';
import { pushBody } from './push-body.js';
import { checkPushEvery, type PushEveryParameters, type PushLimits, PushLoop } from './push-every.js';
import { checkPushOptions, type PushgatewayOptions, type PushSettings } from './push-options.js';
import { withRetries } from './retry.js';
import { unlessAborted } from './time-limit.js';

/** Implements `Pushgateway`: pushes the metrics of one registry to one gateway. */
export class Pusher {
  // Truly private: inspecting or serializing a gateway must not reveal its credentials.
  readonly #settings: PushSettings;
  readonly #client: GatewayClient;
  readonly #registry: PageSource;

  constructor(url: string | URL, options: PushgatewayOptions | null | undefined, registry: PageSource) {
    this.#settings = checkPushOptions(options);
    this.#client = new GatewayClient(parseGatewayUrl(url), this.#settings);
    this.#registry = registry;
    checkPageSource(registry);
  }

  pushEvery(intervalMs: number, parameters: PushEveryParameters): PushLoop {
    const { add, onError, signals, lastPushTimeoutMs, group } = checkPushEvery(parameters);
    checkOption('pushEvery', 'intervalMs', intervalMs ?? 15_000, rule.milliseconds);
    this.#pathOf(group);
    const { signal, ...named } = group;
    return new PushLoop({
      gateway: this.#client.redactedUrl,
      intervalMs: intervalMs ?? 15_000,
      push: (limits) => this.send(add ? 'POST' : 'PUT', named, limits),
      onFailure: async (error) => {
        reportFault(this.#registry, `pushing to ${this.#client.redactedUrl}`, error);
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

  async send(method: PushMethod, parameters: PushParameters, limits?: PushLimits): Promise<PushResult> {
    const { gzip, format, retries, retryDelayMs } = this.#settings;
    const signal = limits?.signal ?? parameters?.signal;
    const path = this.#pathOf(parameters);
    signal?.throwIfAborted();
    const body = method === 'DELETE' ? undefined : await unlessAborted(pushBody(this.#registry, format, gzip), signal);
    const attempt = () => this.#client.request(method, path, body, signal);
    return withRetries(attempt, {
      retries,
      retryDelayMs,
      signal,
      stopRetrying: limits?.stopRetrying,
      deadline: limits?.deadline,
    });
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

/** Throws ConfigError for an invalid URL or invalid options. */
export function openPusher(
  url: string | URL,
  options: PushgatewayOptions | null | undefined,
  registry: PageSource,
): Pusher {
  return new Pusher(url, options, registry);
}
