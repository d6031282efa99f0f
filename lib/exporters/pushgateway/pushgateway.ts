import { ConfigError, show } from '../../model/errors.js';
import { register } from '../../registry/default-registry.js';
import { checkNumber, LONGEST_MS } from '../check-number.js';
import { checkPageSource, type PageSource } from '../page-source.js';
import { GatewayClient, type Method, type PushResult } from './gateway-client.js';
import { parseGatewayUrl } from './gateway-url.js';
import { groupPath } from './group-path.js';
import { checkPushOptions, type PushgatewayOptions, type PushSettings } from './options.js';
import { pushBody } from './push-body.js';
import { checkPushEvery, type PushEveryParameters } from './push-every.js';
import { PushLoop } from './push-loop.js';
import type { PushParameters } from './push-parameters.js';
import { withRetries } from './retry.js';
import { unlessAborted } from './unless-aborted.js';

/**
 * Hands the metrics of jobs that do not live long enough to be scraped to a Pushgateway, which Prometheus scrapes.
 *
 * Methods reject with PushError where the gateway is not reached or refuses, with its own words in the message; with
 * ConfigError or LabelError for a group that cannot be.
 *
 * @example
 * const gateway = new Pushgateway('http://127.0.0.1:9091', { gzip: true });
 * await gateway.push({ jobName: 'nightly', groupings: { instance: 'eu-1' } });
 */
export class Pushgateway {
  private readonly settings: PushSettings;
  private readonly client: GatewayClient;
  private readonly registry: PageSource;

  /**
   * @param url Where the gateway is, such as `http://127.0.0.1:9091`; `host:port` means http. May name a user and a path.
   * @param options Or the registry, for which see the next.
   * @param registry What is pushed. Default: the default registry, `register`.
   */
  constructor(url: string | URL, registry: PageSource);
  constructor(url: string | URL, options?: PushgatewayOptions | null, registry?: PageSource);
  constructor(url: string | URL, second?: PushgatewayOptions | PageSource | null, third?: PageSource) {
    const isRegistry = typeof (second as Partial<PageSource> | null | undefined)?.render === 'function';
    this.settings = checkPushOptions(isRegistry ? {} : (second as PushgatewayOptions | null | undefined));
    this.client = new GatewayClient(parseGatewayUrl(url), this.settings);
    this.registry = third ?? (isRegistry ? (second as PageSource) : register);
    checkPageSource(this.registry);
  }

  /** Replaces the group by all metrics of the registry (PUT). */
  push(parameters: PushParameters): Promise<PushResult> {
    return this.send('PUT', parameters);
  }

  /** Replaces those families of the group that the registry has, and leaves the others (POST). */
  pushAdd(parameters: PushParameters): Promise<PushResult> {
    return this.send('POST', parameters);
  }

  /** Deletes the group (DELETE). One that there is not is no error. */
  delete(parameters: PushParameters): Promise<PushResult> {
    return this.send('DELETE', parameters);
  }

  /**
   * Pushes again and again, the first time after one interval, and a last time when it is stopped or the process ends:
   * when it has nothing more to do, and at SIGINT and SIGTERM. Not at `process.exit()`, which waits for nothing: await
   * `stop()` before. Pushes that fail are counted in the registry and told once; pushing goes on. It does not keep the
   * process alive. Throws ConfigError for what cannot be used.
   *
   * @param intervalMs Milliseconds from the end of one push to the next, 1 or more.
   *
   * @example
   * await using pushing = gateway.pushEvery(15_000, { jobName: 'import' });
   */
  pushEvery(intervalMs: number, parameters: PushEveryParameters): PushLoop {
    const { add, onError, signals, group } = checkPushEvery(parameters);
    this.pathOf(group);
    return new PushLoop({
      intervalMs: checkNumber('intervalMs', intervalMs, 1, LONGEST_MS, 15_000),
      push: (hurry) => this.send(add ? 'POST' : 'PUT', group, hurry),
      failed: async (error) => {
        this.tell(`pushing to ${this.client.shown}`, error);
        try {
          await onError?.(error);
        } catch (fault) {
          this.tell('the option onError of pushEvery', fault);
        }
      },
      signals,
      signal: group.signal,
    });
  }

  private tell(where: string, error: unknown): void {
    try {
      this.registry.faults?.instrumentation(where, error);
    } catch {
      // A log that fails must not end the pushing.
    }
  }

  private async send(method: Method, parameters: PushParameters, hurry?: AbortSignal): Promise<PushResult> {
    const { gzip, format, retries, retryDelayMs } = this.settings;
    const signal = parameters?.signal;
    const path = this.pathOf(parameters);
    signal?.throwIfAborted();
    const body = method === 'DELETE' ? undefined : await unlessAborted(pushBody(this.registry, format, gzip), signal);
    const attempt = () => this.client.request(method, path, body, signal);
    return withRetries(attempt, { retries, retryDelayMs, signal, hurry });
  }

  private pathOf({ jobName, groupings }: PushParameters = {}): string {
    if (jobName !== undefined && typeof jobName !== 'string') {
      throw new ConfigError(`A push has a jobName that is a text, not ${show(jobName)}.`);
    }
    if (!jobName && this.settings.requireJobName) {
      throw new ConfigError('Missing jobName parameter: a group of the gateway begins with its job.');
    }
    return groupPath(jobName || undefined, groupings);
  }
}

/** prom-client's names for types. */
export declare namespace Pushgateway {
  type Parameters = PushParameters;
}
