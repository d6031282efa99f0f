import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

/** Opens the shop on loopback. Port 0 takes any that is free. */
export async function startShop(port: number): Promise<{ app: INestApplication; url: string }> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'], abortOnError: false });
  // A client that comes back within a minute finds its connection open. Node's five seconds are too few on a busy machine.
  app.getHttpServer().keepAliveTimeout = 60_000;
  await app.listen(port, '127.0.0.1');
  return { app, url: await app.getUrl() };
}
