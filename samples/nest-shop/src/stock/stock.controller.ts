import { Controller, Get, Param } from '@nestjs/common';
import { StockService } from './stock.service.js';

@Controller('stock')
export class StockController {
  constructor(private readonly stock: StockService) {}

  @Get(':sku')
  show(@Param('sku') sku: string): { sku: string; available: number } {
    return { sku, available: this.stock.available(sku) };
  }
}
