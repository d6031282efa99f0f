import type { Tier } from '../orders/order.js';

/** What was sold and has to reach the customer. */
export interface Parcel {
  readonly number: number;
  readonly tier: Tier;
  readonly sku: string;
  readonly quantity: number;
}
