import { Controller, Get, Inject, Param } from '@nestjs/common';
import { Counted } from 'promark';
import { defineGauge, InjectMetric, type MetricOf } from 'promark/nest';
import { ShopService } from './shop.service.js';

export const open = defineGauge({ name: 'carts_open', help: 'Carts' });

// With @Inject, because esbuild omits the types that Nest would use otherwise.
@Controller('orders')
export class ShopController {
  constructor(
    @Inject(ShopService) private readonly shop: ShopService,
    @InjectMetric(open) private readonly carts: MetricOf<typeof open>,
  ) {}

  @Get(':tier')
  @Counted()
  order(@Param('tier') tier: string): Promise<string> {
    this.carts.inc();
    return this.shop.order(tier);
  }
}
