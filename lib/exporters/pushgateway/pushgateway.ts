import { register } from '../../processes/register.js';
import type { RegistryContentType } from '../../promclient/exports.js';
import type { Registry } from '../../registry/registry.js';
import type { PageSource } from '../page-source.js';
import type { PushResult } from './gateway-client.js';
import type { PushParameters } from './group-path.js';
import type { PushEveryParameters, PushLoop } from './push-every.js';
import type { PushgatewayOptions } from './push-options.js';
import { openPusher, type Pusher } from './pusher.js';

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
export class Pushgateway<ContentType extends RegistryContentType = RegistryContentType> {
  // Truly private: inspecting or serializing a gateway must not reveal its credentials.
  readonly #pusher: Pusher;

  // As in Registry, the type parameter is only used by the constructor.

  /**
   * @param url The gateway, such as `http://127.0.0.1:9091`; `host:port` means http. May contain a user and a path.
   * @param registry The registry to push.
   */
  constructor(url: string | URL, registry: PageSource | Registry<ContentType>);
  /**
   * @param url The gateway, such as `http://127.0.0.1:9091`; `host:port` means http. May contain a user and a path.
   * @param options How to push: format, retries, credentials, time limits.
   * @param registry The registry to push. Default: `register`, the default registry.
   */
  constructor(url: string | URL, options?: PushgatewayOptions | null, registry?: PageSource | Registry<ContentType>);
  constructor(url: string | URL, second?: PushgatewayOptions | PageSource | null, third?: PageSource) {
    const isRegistry = typeof (second as Partial<PageSource> | null | undefined)?.render === 'function';
    const options = isRegistry ? {} : (second as PushgatewayOptions | null | undefined);
    // A function, so that Node loads the code for pushing only when the first gateway is created.
    this.#pusher = openPusher(url, options, third ?? (isRegistry ? (second as PageSource) : register));
  }

  /** Replaces the group with all metrics of the registry (PUT). */
  push(parameters: PushParameters): Promise<PushResult> {
    return this.#pusher.send('PUT', parameters);
  }

  /** Replaces those families of the group that the registry has, and keeps the others (POST). */
  pushAdd(parameters: PushParameters): Promise<PushResult> {
    return this.#pusher.send('POST', parameters);
  }

  /** Deletes the group (DELETE). Succeeds even if the group does not exist. */
  delete(parameters: PushParameters): Promise<PushResult> {
    return this.#pusher.send('DELETE', parameters);
  }

  /**
   * Pushes periodically, starting after one interval, and one last time when stopped or before the process ends: when
   * it has nothing left to do, and on SIGINT and SIGTERM. `process.exit()` does not wait for it, so await `stop()`
   * first. Failed pushes are counted in the registry and logged once; pushing continues. The loop does not
   * keep the process alive. Throws ConfigError for invalid parameters.
   *
   * @param intervalMs Milliseconds from the end of one push to the start of the next, 1 or more.
   *
   * @example
   * await using pushing = gateway.pushEvery(15_000, { jobName: 'import' });
   */
  pushEvery(intervalMs: number, parameters: PushEveryParameters): PushLoop {
    return this.#pusher.pushEvery(intervalMs, parameters);
  }
}

/** prom-client's names for types. */
export declare namespace Pushgateway {
  type Parameters = PushParameters;
  type Options = PushgatewayOptions;
}
