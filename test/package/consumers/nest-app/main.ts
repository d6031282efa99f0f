import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { MetricsServerService, PrometheusModule } from 'promark/nest';
import { open, ShopController } from './shop.controller.js';
import { ShopService } from './shop.service.js';

@Module({
  imports: [PrometheusModule.forRoot({ server: { port: 0, host: '127.0.0.1' } }), PrometheusModule.forFeature([open])],
  controllers: [ShopController],
  providers: [ShopService],
})
class AppModule {}

/** Serves an order on each platform, one after the other, and prints the pages. */
async function main(): Promise<void> {
  for (const adapter of [new ExpressAdapter(), new FastifyAdapter()]) {
    const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'warn'] });
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    console.log(await (await fetch(`${url}/orders/gold`)).text());
    console.log(await (await fetch(app.get(MetricsServerService).url ?? '')).text());
    await app.close();
  }
}

/** Settles when the pages are printed. */
export const done = main();
