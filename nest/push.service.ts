import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pushgateway, type PushLoop, type Registry } from '../lib/index.js';
import type { PrometheusModuleSettings } from './options.js';
import { InjectRegistry, OPTIONS } from './tokens.js';

/** Pushes to the gateway of the option `pushgateway`, from the start of the app to its end and then a last time. */
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
    const { url, intervalMs = 15_000, jobName, groupings, add, onError, ...options } = pushgateway;
    // Here, so that wrong options end the start of the app.
    const gateway = new Pushgateway(url, options, registry);
    const group = { ...(jobName !== undefined && { jobName }), ...(groupings !== undefined && { groupings }) };
    const choice = { ...(add !== undefined && { add }), ...(onError !== undefined && { onError }) };
    // The app's own shutdown has a last push; the gateway need not listen to signals as well.
    this.start = () => gateway.pushEvery(intervalMs, { ...group, ...choice, signals: [] });
  }

  onApplicationBootstrap(): void {
    this.loop = this.start?.();
  }

  onApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  /** Pushes a last time and ends; whoever takes metrics off the registry waits for that. Never rejects. */
  async stop(): Promise<void> {
    const { loop } = this;
    this.loop = undefined;
    this.stopped ??= loop?.stop().catch((error: unknown) => {
      // An app has to be able to close when the gateway is away.
      this.registry.faults.instrumentation('the last push to the Pushgateway', error);
    });
    await this.stopped;
  }
}
