import { describe, expect, test } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Counted, register } from 'promark';
import { defineCounter, InjectMetric, type MetricOf, PrometheusModule } from 'promark/nest';
import { sampleValue, scrape, withIsolatedRegistry } from 'promark/testing';

const refunds = defineCounter({ name: 'refunds_total', help: 'Refunds' });

@Controller('orders')
class OrdersController {
  constructor(@InjectMetric(refunds) private readonly counter: MetricOf<typeof refunds>) {}

  @Get(':id')
  @Counted({ name: 'orders_total' })
  order(): string {
    this.counter.inc();
    return 'ordered';
  }
}

@Module({
  imports: [PrometheusModule.forRoot(), PrometheusModule.forFeature([refunds])],
  controllers: [OrdersController],
})
class AppModule {}

describe('withIsolatedRegistry', () => {
  test('lets each test have an app that counts from 0', async () => {
    for (let i = 0; i < 2; i++) {
      await withIsolatedRegistry(async (registry) => {
        const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
        const app = module.createNestApplication({ logger: false });
        await app.listen(0, '127.0.0.1');
        try {
          await fetch(`${await app.getUrl()}/orders/1`);
          const page = await scrape(`${await app.getUrl()}/metrics`);
          expect(await sampleValue(page, 'orders_total', { result: 'ok' })).toBe(1);
          expect(await sampleValue(registry, 'refunds_total')).toBe(1);
          const route = { method: 'GET', route: '/orders/:id', status_code: 200 };
          expect(await sampleValue(page, 'http_request_duration_seconds_count', route)).toBe(1);
          expect(await sampleValue(page, 'process_start_time_seconds')).toBeGreaterThan(0);
        } finally {
          await app.close();
        }
      });
    }
    expect(register.getSingleMetric('refunds_total')).toBeUndefined();
    expect(register.getSingleMetric('process_start_time_seconds')).toBeUndefined();
  });
});
