import { setTimeout as pause } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { Counted, Histogram, Timed } from 'promark';

const cooking = new Histogram({
  name: 'dish_cooking_seconds',
  help: 'Time to cook a dish',
  buckets: [0.001, 0.01, 0.1],
  enableExemplars: true,
});

const tracer = trace.getTracer('kitchen');

export class Kitchen {
  /** Each dish is a trace of its own; its exemplar leads from the bucket to the trace. */
  async serve(dish: string): Promise<void> {
    await tracer.startActiveSpan(`serve ${dish}`, async (span) => {
      await this.cook(dish).finally(() => span.end());
    });
  }

  @Timed(cooking)
  @Counted({ name: 'dishes_total', help: 'Dishes', labels: { dish: (dish: string) => dish } })
  private async cook(dish: string): Promise<void> {
    await pause(dish.length);
  }
}
