// Never run: the types of results.
import { Counter, Gauge, Histogram, type MetricObject, Summary } from 'promark';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

const seconds = new Histogram({ name: 'x', help: 'X', labelNames: ['a'] });
const gauge = new Gauge({ name: 'x', help: 'X' });
const counter = new Counter({ name: 'x', help: 'X' });
const summary = new Summary({ name: 'x', help: 'X' });

const sync = seconds.time(() => 5);
same<typeof sync, number>(true);
const later = seconds.time(async () => 'done');
same<typeof later, Promise<string>>(true);
const nothing = gauge.trackInProgress(() => {});
same<typeof nothing, void>(true);
const counted = counter.countExceptions(() => ({ a: 1 }));
same<typeof counted, { a: number }>(true);
const child = summary.labels().time(() => true as const);
same<typeof child, true>(true);
const elapsed = seconds.startTimer()();
same<typeof elapsed, number>(true);
const got = await gauge.get();
same<typeof got, MetricObject>(true);

{
  using _timer = seconds.startTimer({ a: 'x' });
}
{
  using timer = gauge.labels().startTimer();
  timer();
}

gauge.setFunction(() => 5);
gauge.setFunction(undefined);
// @ts-expect-error: a number is wanted
gauge.setFunction(() => 'text');
// @ts-expect-error: and no promise of one
gauge.setFunction(async () => 5);
