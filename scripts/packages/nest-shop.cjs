require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');

/** The same app for any package with the API of @willsoto/nestjs-prometheus; prints its page. */
module.exports = async ({ getToken, makeCounterProvider, makeHistogramProvider, PrometheusModule }) => {
  class AppModule {}
  Module({
    imports: [PrometheusModule.register({ defaultLabels: { app: 'shop' }, customMetricPrefix: 'shop' })],
    providers: [
      makeCounterProvider({ name: 'orders_total', help: 'Orders', labelNames: ['tier'] }),
      makeHistogramProvider({ name: 'price_euros', help: 'Prices', buckets: [1, 10] }),
    ],
  })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: false });
  app.get(getToken('orders_total')).inc({ tier: 'gold' }, 2);
  app.get(getToken('price_euros')).observe(5);
  await app.listen(0, '127.0.0.1');
  console.log(await (await fetch(`${await app.getUrl()}/metrics`)).text());
  process.exit();
};
