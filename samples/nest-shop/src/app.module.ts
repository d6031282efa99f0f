import { Module } from '@nestjs/common';
import { PrometheusModule } from 'promark/nest';
import { PaymentClient } from '../payments/payment-client.js';
import { OrdersController } from './orders/orders.controller.js';
import { OrdersService } from './orders/orders.service.js';
import { StockController } from './stock/stock.controller.js';
import { StockService } from './stock/stock.service.js';

@Module({
  imports: [PrometheusModule.forRoot()],
  controllers: [OrdersController, StockController],
  providers: [OrdersService, StockService, PaymentClient],
})
export class AppModule {}
