import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Instrumented, Skip } from 'promark';
import type { Parcel } from './parcel.js';

/** The carrier has no van left for the moment. */
export class CarrierBusyError extends Error {
  override name = 'CarrierBusyError';
}

/**
 * Takes parcels to customers. Every method is timed and counted, but for the one that is left out. One parcel in twenty is
 * refused, so most of the error budget of the objective is used.
 */
@Injectable()
@Instrumented({ timed: { objective: { target: 0.94 } }, counted: true })
export class Carrier {
  private readonly refused = new Set<number>();

  /** Takes a parcel. Throws CarrierBusyError for every twentieth, the first time. */
  async handOver(parcel: Parcel): Promise<string> {
    await pause(2);
    if (parcel.number % 20 === 0 && !this.refused.has(parcel.number)) {
      this.refused.add(parcel.number);
      throw new CarrierBusyError(`No van for parcel ${parcel.number}.`);
    }
    this.refused.delete(parcel.number);
    return this.label(parcel);
  }

  @Skip()
  label({ number, tier }: Parcel): string {
    return `${tier}-${number}`;
  }
}
