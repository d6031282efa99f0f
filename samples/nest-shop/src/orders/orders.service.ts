import { Injectable } from '@nestjs/common';
import { Counted, Gauge, InProgress, Timed } from 'promark';
import { PaymentClient } from '../../payments/payment-client.js';
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
  ) {}

  /** Takes the things off the shelf and has them paid. Throws where there are too few or the card is declined. */
  @Timed()
  @Counted({ name: 'orders_total', help: 'Orders by tier', labels: { tier: (order: Order) => order.tier } })
  @InProgress(ordersInProgress)
  async place(order: Order): Promise<{ charge: string }> {
    this.stock.take(order.sku, order.quantity);
    try {
      return { charge: await this.payments.charge(order.card, order.quantity * PRICE) };
    } catch (error) {
      this.stock.putBack(order.sku, order.quantity);
      throw error;
    }
  }
}
