// A monorepo's package, shop-lib, has a copy of promark of its own, which the app's registry is to show as well.
const warnings = [];
console.warn = (text) => warnings.push(text);

await import('reflect-metadata');
const { Module } = await import('@nestjs/common');
const { NestFactory } = await import('@nestjs/core');
const promark = await import('promark');
const { PrometheusModule } = await import('promark/nest');
const { Shop, copy } = await import('shop-lib');

console.log(copy.Counter === promark.Counter ? 'one copy' : 'two copies');
const registry = new promark.Registry();
class AppModule {}
Module({ imports: [PrometheusModule.forRoot({ registry, defaultMetrics: false })], providers: [Shop] })(AppModule);
const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
const shop = app.get(Shop);
shop.order();
await shop.cancel();
shop.watch().subscribe();
shop.open;
console.log(await (await fetch(new URL('/metrics', await app.getUrl()))).text());
await app.close();
const elsewhere = /^method_calls_total\{.*\} [1-9]/m.test(await promark.register.metrics());
console.log(`default registry: ${elsewhere ? 'has calls' : 'has none'}`);
console.log(`${warnings.length} warning: ${warnings.join('\n')}`);
