import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { defineGauge, provideMetric } from 'promark/nest';
import { InventoryJob } from './inventory.job.js';
import { StockController } from './stock.controller.js';
import { StockService } from './stock.service.js';

const onShelf = defineGauge({ name: 'stock_on_shelf', help: 'Things on the shelves', labelNames: ['sku'] });

@Module({
  imports: [ScheduleModule.forRoot()],
  controllers: [StockController],
  providers: [
    StockService,
    InventoryJob,
    // Brought up to date by a service of the app before every page.
    ...provideMetric(onShelf, {
      inject: [StockService],
      collect(gauge, stock) {
        for (const [sku, there] of stock.levels()) gauge.set({ sku }, there);
      },
    }),
  ],
  exports: [StockService],
})
export class StockModule {}
