import { BadRequestException } from '@nestjs/common';

export const TIERS = ['gold', 'silver', 'bronze'] as const;

/** The customer's tier. */
export type Tier = (typeof TIERS)[number];

/** What a customer orders. */
export interface Order {
  readonly tier: Tier;
  readonly sku: string;
  readonly quantity: number;
  readonly card: string;
}

/** Reads an order from a request's body. Throws BadRequestException if it is invalid. */
export function orderFrom(body: unknown): Order {
  const { tier, sku, quantity, card } = (body ?? {}) as Partial<Order>;
  const known = TIERS.find((name) => name === tier);
  if (known === undefined) throw new BadRequestException(`tier must be one of ${TIERS.join(', ')}`);
  if (typeof sku !== 'string' || typeof card !== 'string') throw new BadRequestException('sku and card must be text');
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1) {
    throw new BadRequestException('quantity must be a whole number of 1 or more');
  }
  return { tier: known, sku, quantity, card };
}
