// This must compile in both dialects and with every compiler: everything is inferred from the method.
import {
  CountExceptions,
  Counted,
  Counter,
  Gauge,
  GaugeFrom,
  Histogram,
  InProgress,
  Instrumented,
  Observe,
  Skip,
  Summary,
  Timed,
} from 'promark';

interface Order {
  readonly tier: 'gold' | 'plain';
  readonly items: readonly string[];
}

const seconds = new Histogram({ name: 'seconds', help: 'h', labelNames: ['tier', 'result'], registers: [] });
const typed = new Counter<'tier'>({ name: 'typed_total', help: 'h', labelNames: ['tier'], registers: [] });
const summary = new Summary({ name: 'summary', help: 'h', registers: [] });
const users = new Gauge({ name: 'users', help: 'h', registers: [] });
const failures = new Counter({ name: 'failures_total', help: 'h', registers: [] });

function DbTimed(): MethodDecorator {
  return Timed({ labels: {}, name: 'db_seconds' });
}

const several: MethodDecorator[] = [Timed(), Counted(), InProgress(), CountExceptions(), Skip(), summary.time()];

/** The type of Nest's composer. */
declare function applyDecorators(
  ...decorators: (ClassDecorator | MethodDecorator | PropertyDecorator)[]
): MethodDecorator & ClassDecorator;

export const composed = [
  DbTimed(),
  applyDecorators(Timed(), Counted(), ...several),
  applyDecorators(users.trackInProgress(), failures.countExceptions(), Observe({ name: 'n', value: () => 1 })),
];

@Instrumented({ counted: true, timed: { name: 'all_seconds', labels: { n: (...args) => args.length } } })
export class Shop {
  readonly shelf = 3;

  @Timed()
  @Timed(summary)
  @Timed(users)
  @Counted({ name: 'orders_total', labels: { tier: (order) => order.tier, n: (_order, n) => n.toFixed(1) } })
  @Counted(typed, { labels: { tier: (order) => order.tier } })
  @InProgress(users)
  @CountExceptions([RangeError, 'AbortError'])
  @CountExceptions(failures, { types: TypeError })
  async order(order: Order, n: number): Promise<string> {
    return order.tier + n;
  }

  @Timed(seconds, { labels: { tier: { of: (call) => call.result?.toFixed(2) ?? call.args[0].tier } } })
  @Observe({ name: 'items', value: (order) => order.items.length })
  @Observe(summary, { value: { of: (call) => (call.result ?? 0) * call.self.shelf } })
  size(order: Order): number {
    return order.items.length;
  }

  @Timed(seconds, {
    labels: {
      tier(order) {
        return this.shelf + order.items.length;
      },
    },
    classify: ({ error, result }) => (error instanceof RangeError || result === 0 ? 'ok' : undefined),
  })
  onThis(order: Order): number {
    return order.items.length;
  }

  @Counted({ name: 'settled_total', labels: { size: { of: (call) => call.result?.length, max: 5 } } })
  async settled(): Promise<string[]> {
    return [];
  }

  @Counted({ name: 'streamed_total', labels: { big: { of: (call) => call.result?.big } } })
  *stream(): Generator<number, { big: boolean }> {
    yield 1;
    return { big: true };
  }

  @Timed({ name: 'found_seconds', labels: { q: (_a, b) => b ?? 'none' } })
  static find<T>(_a: T, _b?: string): T[] {
    return [];
  }

  @Timed({ name: 'rest_seconds', labels: { n: (...all) => all.length } })
  rest(..._all: number[]): void {}

  @Counted()
  protected guarded(this: Shop): number {
    return this.shelf;
  }

  @seconds.time()
  @failures.countExceptions()
  @users.trackInProgress()
  nightly(_at: Date): void {}

  @GaugeFrom({ name: 'shelf', labels: { shop: (shop) => shop.shelf } })
  get room(): number {
    return this.shelf;
  }

  @GaugeFrom(users)
  async asked(): Promise<number> {
    return this.shelf;
  }

  @GaugeFrom({ name: 'open' })
  static get open(): number {
    return 1;
  }

  @Skip()
  health(): string {
    return 'ok';
  }
}
