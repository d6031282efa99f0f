import { Module } from '@nestjs/common';
import { PaymentClient } from '../../payments/payment-client.js';
import { ShippingModule } from '../shipping/shipping.module.js';
import { StockModule } from '../stock/stock.module.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';

@Module({
  imports: [StockModule, ShippingModule],
  controllers: [OrdersController],
  providers: [OrdersService, PaymentClient],
})
export class OrdersModule {}
