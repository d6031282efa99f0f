import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CountExceptions, Observe } from 'promark';
import { InjectMetric, type MetricOf } from 'promark/nest';
import { Carrier, CarrierBusyError } from './carrier.js';
import type { Parcel } from './parcel.js';
import { parcelsShipped } from './shipping.metrics.js';
import { ShippingQueue } from './shipping.queue.js';

/** Ships the parcels of the queue, one after the other. */
@Injectable()
export class ShippingConsumer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stop = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly queue: ShippingQueue,
    private readonly carrier: Carrier,
    @InjectMetric(parcelsShipped) private readonly shipped: MetricOf<typeof parcelsShipped>,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.consume();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  /** Hands a parcel to the carrier. Throws CarrierBusyError if there is no van. */
  @CountExceptions([CarrierBusyError])
  @Observe({
    name: 'parcel_items',
    help: 'Things in a parcel',
    buckets: [1, 2, 3, 4],
    value: (parcel: Parcel) => parcel.quantity,
  })
  async ship(parcel: Parcel): Promise<void> {
    await this.carrier.handOver(parcel);
    this.shipped.inc({ tier: parcel.tier });
  }

  private async consume(): Promise<void> {
    for await (const parcel of this.queue.take(this.stop.signal)) {
      await this.ship(parcel).catch(() => this.ship(parcel));
    }
  }
}
