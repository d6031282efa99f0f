import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pushgateway, type PushLoop, type Registry } from '../lib/index.js';
import type { PrometheusModuleSettings } from './options.js';
import { InjectRegistry, OPTIONS } from './tokens.js';

/** Pushes to the gateway of the option `pushgateway` while the app runs, and once more at shutdown. */
@Injectable()
export class PushService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly start: (() => PushLoop) | undefined;
  private loop: PushLoop | undefined;
  private stopped: Promise<void> | undefined;

  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(OPTIONS) { pushgateway }: PrometheusModuleSettings,
  ) {
    if (pushgateway === undefined) return;
    const { url, intervalMs = 15_000, jobName, groupings, add, onError, lastPushTimeoutMs, ...options } = pushgateway;
    // In the constructor, so that invalid options stop the app from starting.
    const gateway = new Pushgateway(url, options, registry);
    const group = { ...(jobName !== undefined && { jobName }), ...(groupings !== undefined && { groupings }) };
    const choice = {
      ...(add !== undefined && { add }),
      ...(onError !== undefined && { onError }),
      ...(lastPushTimeoutMs !== undefined && { lastPushTimeoutMs }),
    };
    // The app's shutdown does the last push, so the gateway does not listen for signals.
    this.start = () => gateway.pushEvery(intervalMs, { ...group, ...choice, signals: [] });
  }

  onApplicationBootstrap(): void {
    this.loop = this.start?.();
  }

  onApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  /** Pushes a last time and stops. Services that remove metrics from the registry wait for it. Never rejects. */
  async stop(): Promise<void> {
    const { loop } = this;
    this.loop = undefined;
    this.stopped ??= loop?.stop().catch((error: unknown) => {
      // An app must be able to close while the gateway is down.
      this.registry.faults.instrumentation('the last push to the Pushgateway', error);
    });
    await this.stopped;
  }
}
