// A Nest app with a single route, the cheapest one of the sample shop: `node bench/http/app.mjs <contender>`. Prints
// its address once it listens; answers each line of its standard input with the processor time it has used in
// microseconds, and exits when its input ends.
import 'reflect-metadata';
import { createInterface } from 'node:readline';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CONTENDERS } from './contenders.mjs';

class StockController {
  show(sku) {
    return { sku, available: 1_000_000 };
  }
}
Param('sku')(StockController.prototype, 'show', 0);
Get(':sku')(StockController.prototype, 'show', Object.getOwnPropertyDescriptor(StockController.prototype, 'show'));
Controller('stock')(StockController);

const { imports, providers, prepare } = await CONTENDERS[process.argv[2]]();

class AppModule {}
Module({ imports, providers, controllers: [StockController] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error'] });
prepare?.(app);
await app.listen(0, '127.0.0.1');
console.log(await app.getUrl());
createInterface({ input: process.stdin })
  .on('line', () => {
    const { user, system } = process.cpuUsage();
    console.log(user + system);
  })
  .once('close', () => void app.close().then(() => process.exit()));
