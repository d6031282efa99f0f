import { EventEmitter, once } from 'node:events';
import { Injectable } from '@nestjs/common';
import { GaugeFrom } from 'promark';
import type { Parcel } from './parcel.js';

/** Parcels that wait to be shipped. Stands for the message broker that a larger shop would have. */
@Injectable()
export class ShippingQueue {
  private readonly parcels: Parcel[] = [];
  private readonly added = new EventEmitter();
  private count = 0;

  /** The number of waiting parcels, read at every scrape. */
  @GaugeFrom({ name: 'shipping_queue_length', help: 'Parcels that wait to be shipped' })
  get length(): number {
    return this.parcels.length;
  }

  add(parcel: Omit<Parcel, 'number'>): void {
    this.parcels.push({ ...parcel, number: ++this.count });
    this.added.emit('parcel');
  }

  /** The parcels as they come, until the signal is aborted. */
  async *take(signal: AbortSignal): AsyncGenerator<Parcel> {
    while (!signal.aborted) {
      const parcel = this.parcels.shift();
      if (parcel !== undefined) yield parcel;
      else await once(this.added, 'parcel', { signal }).catch(() => {});
    }
  }
}
