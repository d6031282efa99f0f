import { Module } from '@nestjs/common';
import { PrometheusModule } from 'promark/nest';
import { OrdersModule } from './orders/orders.module.js';

@Module({ imports: [PrometheusModule.forRoot(), OrdersModule] })
export class AppModule {}
