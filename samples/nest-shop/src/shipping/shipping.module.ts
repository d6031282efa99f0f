import { Module } from '@nestjs/common';
import { PrometheusModule } from 'promark/nest';
import { Carrier } from './carrier.js';
import { ShippingConsumer } from './shipping.consumer.js';
import { parcelsShipped } from './shipping.metrics.js';
import { ShippingQueue } from './shipping.queue.js';

@Module({
  imports: [PrometheusModule.forFeature([parcelsShipped])],
  providers: [ShippingQueue, ShippingConsumer, Carrier],
  exports: [ShippingQueue],
})
export class ShippingModule {}
