import { Injectable } from '@nestjs/common';
import { Counted, Gauge, InProgress, Timed } from 'promark';
import { PaymentClient } from '../../payments/payment-client.js';
import { ShippingQueue } from '../shipping/shipping.queue.js';
import { StockService } from '../stock/stock.service.js';
import type { Order } from './order.js';

const ordersInProgress = new Gauge({ name: 'orders_in_progress', help: 'Orders that are being placed' });

/** Price of everything, in cents. */
const PRICE = 1995;

@Injectable()
export class OrdersService {
  constructor(
    private readonly stock: StockService,
    private readonly payments: PaymentClient,
    private readonly shipping: ShippingQueue,
  ) {}

  /** Takes the items from the stock, charges the card and ships them. Throws if there are too few, or the card is declined. */
  @Timed()
  @Counted({ name: 'orders_total', help: 'Orders by tier', labels: { tier: (order: Order) => order.tier } })
  @InProgress(ordersInProgress)
  async place({ tier, sku, quantity, card }: Order): Promise<{ charge: string }> {
    this.stock.take(sku, quantity);
    try {
      const charge = await this.payments.charge(card, quantity * PRICE);
      this.shipping.add({ tier, sku, quantity });
      return { charge };
    } catch (error) {
      this.stock.putBack(sku, quantity);
      throw error;
    }
  }
}
