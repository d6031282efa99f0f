import cluster from 'node:cluster';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Counter } from 'promark';
import { MetricsServerService, PrometheusModule } from 'promark/nest';

// Run by cluster.test.ts: two workers with the same app, whose option `server` names one port for both. Both ports are
// free ones, which in a cluster are the same for all.
@Module({ imports: [PrometheusModule.forRoot({ server: { port: 0, host: '127.0.0.1' } })] })
class AppModule {}

if (cluster.isPrimary) {
  const seen: object[] = [];
  const report = (message: object): void => {
    seen.push(message);
    if (seen.length < 2) return;
    console.log(JSON.stringify(seen));
    for (const worker of Object.values(cluster.workers ?? {})) worker?.kill();
  };
  for (let worker = 0; worker < 2; worker++) cluster.fork().once('message', report);
} else {
  new Counter({ name: 'jobs_total', help: 'Jobs' }).inc();
  try {
    const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
    await app.listen(0, '127.0.0.1');
    const url = app.get(MetricsServerService).url ?? 'no server';
    const page = await (await fetch(url)).text();
    process.send?.({ url, isPage: page.includes('jobs_total 1') });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
}
