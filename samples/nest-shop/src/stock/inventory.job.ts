import { Injectable, Logger } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { Timed } from 'promark';
import { StockService } from './stock.service.js';

/** Takes stock every second. */
@Injectable()
export class InventoryJob {
  private readonly logger = new Logger(InventoryJob.name);

  constructor(private readonly stock: StockService) {}

  /** Fills the shelves, and logs which items stay nearly sold out. */
  @Cron(CronExpression.EVERY_SECOND)
  @Timed({ name: 'inventory_seconds', help: 'Time of taking stock', type: 'summary', percentiles: [0.5, 0.99] })
  takeStock(): string[] {
    this.stock.refill();
    const low = this.stock.levels().filter(([, there]) => there < 10);
    for (const [sku, there] of low) this.logger.debug(`There are ${there} of ${sku} left.`);
    return low.map(([sku]) => sku);
  }
}
