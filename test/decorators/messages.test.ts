import { afterEach, expect, test } from '@jest/globals';
import { Counted, Counter, Histogram, setExemplarSource, Timed } from 'promark';
import { seriesOf } from '../support/page.js';
import { freshRegistry } from './support/fresh.js';

freshRegistry();

afterEach(() => setExemplarSource(undefined));

const failing = () => {
  throw new Error('no');
};

/** Where measuring has failed, as the page says it. */
async function places(): Promise<string[]> {
  return (await seriesOf('promark_instrumentation_errors_total')).map(({ labels }) => labels.where);
}

test('a fault in measuring names the method and the class that declares it', async () => {
  class Shop {
    @Timed({ name: 'order_seconds', labels: { tier: failing } })
    order(): void {}

    @Counted({ name: 'orders_total', labels: { tier: failing } })
    static count(): void {}
  }
  class Bakery extends Shop {}
  new Bakery().order();
  Shop.count();
  expect(await places()).toEqual(['@Timed() on Shop.order', '@Counted() on Shop.count']);
});

test('a fault in the decorator of a metric does, too', async () => {
  const seconds = new Histogram({ name: 'job_seconds', help: 'j', enableExemplars: true });
  const failures = new Counter({ name: 'job_failures_total', help: 'j', enableExemplars: true });
  const child = seconds.labels();
  class Jobs {
    @seconds.time()
    @failures.countExceptions()
    nightly(): void {}

    @child.time()
    static once(): void {}
  }
  class Cron extends Jobs {
    override nightly(): void {
      super.nightly();
    }
  }
  setExemplarSource(failing);
  new Cron().nightly();
  Jobs.once();
  expect(await places()).toEqual([
    '@job_seconds.time() on Jobs.nightly',
    '@job_failures_total.countExceptions() on Jobs.nightly',
    '@job_seconds.time() on Jobs.once',
  ]);
});
