import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PushService } from '../push.service.js';
import type { AnyMetric } from './metric-definition.js';

type Collect = () => void | Promise<void>;

interface Updated {
  collect: Collect | undefined;
}

/** The metrics that services of the app bring up to date: until the app is closed, and these services with it. */
@Injectable()
export class MetricUpdates implements OnApplicationShutdown {
  private readonly updates = new Map<Updated, Collect>();

  constructor(@Inject(PushService) private readonly push: PushService) {}

  /** Has a metric brought up to date by this app, in place of an earlier one on the same registry. */
  begin(metric: AnyMetric, collect: Collect): void {
    const updated = metric as unknown as Updated;
    updated.collect = collect;
    this.updates.set(updated, collect);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.push.stop();
    for (const [metric, collect] of this.updates) {
      // Another app may have taken it over.
      if (metric.collect === collect) metric.collect = undefined;
    }
    this.updates.clear();
  }
}
