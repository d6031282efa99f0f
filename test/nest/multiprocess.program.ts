import cluster from 'node:cluster';
import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Counted } from 'promark';
import { PrometheusModule } from 'promark/nest';

// Run by multiprocess.test.ts: two workers with the same app, whose primary knows nothing of promark.
@Controller()
class ShopController {
  @Counted({ name: 'orders', help: 'Orders' })
  @Get('orders')
  order(): string {
    return 'ordered';
  }
}

@Module({ imports: [PrometheusModule.forRoot({ multiprocess: true })], controllers: [ShopController] })
class AppModule {}

if (cluster.isPrimary) {
  const urls: string[] = [];
  const report = async (url: string): Promise<void> => {
    if (urls.push(url) < 2) return;
    for (const [i, one] of urls.entries()) {
      for (let count = 0; count <= i; count++) await (await fetch(`${one}/orders`)).text();
    }
    // Both have seen all requests once the measurement of the last one has been written.
    const last = /^http_request_duration_seconds_count\{[^}]*"\/orders"[^}]*\} 3$/m;
    const pages: string[] = [];
    for (const one of urls) {
      let page = '';
      while (!last.test(page)) {
        await pause(20);
        page = await (await fetch(`${one}/metrics`)).text();
      }
      pages.push(page);
    }
    console.log(JSON.stringify(pages));
    process.exit();
  };
  for (let worker = 0; worker < 2; worker++) cluster.fork().once('message', report);
} else {
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  process.send?.((await app.getUrl()).replace('[::1]', '127.0.0.1'));
}
