import { Controller, Get, Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { PrometheusModule } from 'promark/nest';

// Run by throttling.test.ts: prints the statuses of four requests for a page and for the metrics.
@Controller('pages')
class Pages {
  @Get()
  all() {
    return [];
  }
}

@Module({
  imports: [PrometheusModule.forRoot(), ThrottlerModule.forRoot([{ ttl: 60_000, limit: 2 }])],
  providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
  controllers: [Pages],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
const url = await app.getUrl();
for (const path of ['/pages', '/metrics']) {
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await fetch(`${url}${path}`)).status);
  console.log(path, ...statuses);
}
await app.close();
