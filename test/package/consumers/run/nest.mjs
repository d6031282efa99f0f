import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

// Also tries what `require('promark/nest')` returns, and the CommonJS build by its path: no program can import
// that build by name and load Nest 12, which is ES modules only, at the same time.
const load = {
  import: () => import('promark/nest'),
  require: () => createRequire(import.meta.url)('promark/nest'),
  cjs: () => createRequire(import.meta.url)('./node_modules/promark/dist/nest.cjs'),
};
const { defineCounter, defineGauge, MetricsController, PrometheusModule } = await load[process.argv[2]]();
const { Counter } = await import('promark');

class AppModule {}
Module({ imports: [PrometheusModule.forRoot()] })(AppModule);

new Counter({ name: 'orders_total', help: 'Orders' }).inc(3);
const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
const answer = await fetch(new URL('/metrics', await app.getUrl()));
console.log(await answer.text());
await app.close();

// Nest shows these names in its log; promark uses them too when it names modules.
console.log(PrometheusModule.name, MetricsController.name);
class One {}
Module({ imports: [PrometheusModule.forFeature([defineCounter({ name: 'parcels', help: 'Parcels' })])] })(One);
class Two {}
Module({ imports: [PrometheusModule.forFeature([defineGauge({ name: 'parcels', help: 'Parcels' })])] })(Two);
class Both {}
Module({ imports: [PrometheusModule.forRoot(), One, Two] })(Both);
await NestFactory.create(Both, { logger: false, abortOnError: false }).catch(({ message }) => console.log(message));
