import { Controller, Get, Module } from '@nestjs/common';
import type { Registry } from 'promark';
import {
  defineCounter,
  defineGauge,
  defineStateSet,
  InjectMetric,
  InjectRegistry,
  type MetricOf,
  PrometheusModule,
  type PrometheusModuleOptions,
  provideMetric,
} from 'promark/nest';

const options: PrometheusModuleOptions = { auth: { bearer: 'token' }, server: { port: 0 }, prefix: 'shop_' };

const orders = defineCounter({ name: 'orders_total', help: 'Orders', labelNames: ['tier'] });
const task = defineStateSet({ name: 'task', help: 'Task', states: ['starting', 'running'] });
const queueLength = defineGauge({ name: 'queue_length', help: 'Jobs that wait' });

export class Queue {
  length = 0;
}

@Controller()
export class PageController {
  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @InjectMetric(orders) private readonly counter: MetricOf<typeof orders>,
    @InjectMetric(task) private readonly states: MetricOf<typeof task>,
  ) {}

  @Get('order')
  order(): void {
    this.counter.inc({ tier: 'gold' });
    this.states.state('running');
    // @ts-expect-error There is no such label.
    this.counter.inc({ level: 'gold' });
    // @ts-expect-error There is no such state.
    this.states.state('walking');
  }

  @Get('page')
  page(): Promise<string> {
    return this.registry.metrics();
  }
}

@Module({
  imports: [PrometheusModule.forRoot(options), PrometheusModule.forFeature([orders, task])],
  controllers: [PageController],
  providers: [
    Queue,
    ...provideMetric(queueLength, { inject: [Queue], collect: (gauge, queue) => gauge.set(queue.length) }),
  ],
})
export class AppModule {}

@Module({
  imports: [
    PrometheusModule.forRootAsync({
      inject: [Queue],
      useFactory: async (queue: Queue) => ({ path: queue.length > 0 ? '/full' : '/empty' }),
    }),
  ],
})
export class LaterModule {}
