import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { collectDefaultMetrics, type DefaultMetricsHandle, type Registry } from '../lib/index.js';
import type { PrometheusModuleOptions } from './options.js';
import { PushService } from './push.service.js';
import { InjectRegistry, OPTIONS } from './tokens.js';

/** Collects default metrics from the start of the app until its shutdown. */
@Injectable()
export class DefaultMetricsService implements OnModuleInit, OnApplicationShutdown {
  private handle: DefaultMetricsHandle | undefined;

  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(OPTIONS) private readonly options: PrometheusModuleOptions,
    @Inject(PushService) private readonly push: PushService,
  ) {}

  onModuleInit(): void {
    const { defaultMetrics = true } = this.options;
    if (defaultMetrics === false) return;
    const config = defaultMetrics === true ? {} : defaultMetrics;
    this.handle = collectDefaultMetrics({ ...config, register: this.registry });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.push.stop();
    this.handle?.stop();
    this.handle = undefined;
  }
}
