import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MetricsController, PrometheusModule } from 'promark/nest';

// Run by closing.test.ts: must exit on its own when its app is closed.
@Module({
  imports: [
    PrometheusModule.forRoot({
      controller: MetricsController,
      server: { port: 0, host: '127.0.0.1', thread: false },
      // Nothing listens there; the last push fails.
      pushgateway: { url: 'http://127.0.0.1:1', jobName: 'closing', retries: 0 },
    }),
  ],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
const page = await (await fetch(`${await app.getUrl()}/metrics`)).text();
await app.close();
console.log(page);
