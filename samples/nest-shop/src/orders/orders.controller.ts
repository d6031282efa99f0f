import { Body, Controller, Post, UseFilters } from '@nestjs/common';
import { orderFrom } from './order.js';
import { OrdersService } from './orders.service.js';
import { PaymentDeclinedFilter } from './payment-declined.filter.js';

@Controller('orders')
@UseFilters(PaymentDeclinedFilter)
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Post()
  place(@Body() body: unknown): Promise<{ charge: string }> {
    return this.orders.place(orderFrom(body));
  }
}
