import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import type { Ending } from '../calls/ending.js';
import type { Recorder } from '../calls/measure.js';
import { isSourced } from '../metrics/exemplar-source.js';
import type { ExemplarLabels } from '../metrics/exemplars.js';
import type { Gauge } from '../metrics/gauge.js';
import { Histogram } from '../metrics/histogram.js';
import type { Objective } from '../metrics/method-registrations.js';
import type { NativeOptions } from '../metrics/native/options.js';
import { Summary } from '../metrics/summary.js';
import { ConfigError, show } from '../model/errors.js';
import type { LabelSpec } from '../model/labels.js';
import { type FamilyKind, familySource } from './family-source.js';
import { markMethod } from './mark.js';
import type { EndingOptions, FamilyOptions, TargetOptions } from './options.js';
import { EndRecorder, type RecorderKit } from './recorder.js';
import type { Recordable, RecordableFamily } from './series.js';
import type { Node } from './series-tree.js';
import { MarkSite } from './site.js';
import { targetOf } from './target.js';
import { type Exemplary, traced } from './traced-call.js';

/** What `@Timed` can be told where it makes its family, or uses the default one. */
export interface TimedOptions<This, V extends AnyMethod> extends FamilyOptions<This, V>, EndingOptions<This, V> {
  /** Buckets that can be added up over processes, or quantiles. Default: `histogram`. */
  readonly type?: 'histogram' | 'summary';
  /** A histogram's upper bounds in seconds, rising; `false` for none beside native ones. Default: 5 ms to 10 s. */
  readonly buckets?: readonly number[] | false;
  /** Whether a histogram has exponential buckets as well. Default: false. */
  readonly native?: boolean | NativeOptions;
  /** A summary's ranks, from 0 to 1. Default: 0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999. */
  readonly percentiles?: readonly number[];
  /** How far back a summary's quantiles look, in seconds. Default: to the beginning. */
  readonly maxAgeSeconds?: number;
  /** In how many steps a summary's window moves. Default: 5. */
  readonly ageBuckets?: number;
  /** Whether the family has a label `exception` with the error's name. Only with a `name`. Default: false. */
  readonly exception?: boolean;
  /** What the method promises: kept with the family, for rules and dashboards. The latency has to be a bucket. */
  readonly objective?: Objective;
}

/** What `@Timed` can be told where it records on a metric of the user's. */
export interface TimedTargetOptions<This, V extends AnyMethod, L extends LabelSpec>
  extends TargetOptions<This, V, L>,
    EndingOptions<This, V> {
  /** What the method promises: kept with the metric, for rules and dashboards. The latency has to be a bucket. */
  readonly objective?: Objective;
}

const HISTOGRAM: FamilyKind = {
  decorator: 'Timed',
  make: Histogram,
  type: 'histogram',
  name: 'method_duration_seconds',
  help: 'Duration of method calls in seconds',
  labelNames: ['class', 'method', 'result'],
  added: ['result'],
  passed: ['buckets', 'native'],
};

const SUMMARY: FamilyKind = {
  ...HISTOGRAM,
  make: Summary,
  type: 'summary',
  passed: ['percentiles', 'maxAgeSeconds', 'ageBuckets', 'pruneAgedBuckets'],
};

/**
 * Measures how long calls of the method take, in seconds, on a clock that only goes forward, and whether they fail.
 * A promise is measured to its settlement, a generator from its first `next` to its end.
 *
 * Without a target: histogram `method_duration_seconds{class,method,result}`. With options that have a `name`: a family
 * of that name with the label `result` (`ok`, `error`, `cancelled`) and those in `labels`. With a Histogram or Summary:
 * recorded there; with a Gauge: it is set to the newest duration.
 *
 * Throws ConfigError or ConflictError when the class is defined, for options that cannot be used; a call is never
 * affected.
 *
 * @example
 * class Shop {
 *   @Timed()
 *   async order(order: Order) {}
 *
 *   @Timed({ name: 'search_seconds', buckets: [0.1, 0.3, 1], labels: { kind: (query) => query.kind } })
 *   search(query: Query) {}
 * }
 */
export function Timed<This, V extends AnyMethod, const L extends LabelSpec>(
  metric: Histogram<L> | Summary<L> | Gauge<L>,
  options?: TimedTargetOptions<This, V, L>,
): TypedMethodDecorator<This, V>;
export function Timed<This, V extends AnyMethod>(options?: TimedOptions<This, V>): TypedMethodDecorator<This, V>;
export function Timed(first?: unknown, second?: unknown): (...on: unknown[]) => void {
  const target = targetOf('Timed', ['histogram', 'summary', 'gauge'], first, second);
  const { options } = target;
  const source = familySource(kindOf(options.type), target);
  return (...on) =>
    markMethod('Timed', on, (member) => {
      return new TimedSite({
        decorator: 'Timed',
        member,
        source,
        options,
        own: ['class', 'method', 'result', 'exception'],
      });
    });
}

function kindOf(type: unknown): FamilyKind {
  if (type === undefined || type === 'histogram') return HISTOGRAM;
  if (type === 'summary') return SUMMARY;
  throw new ConfigError(`@Timed(): the option "type" is 'histogram' or 'summary', not ${show(type)}.`);
}

interface Observable extends Recordable {
  observe(seconds: number, exemplar?: ExemplarLabels): void;
}

interface Settable extends Recordable {
  set(seconds: number): void;
}

class TimedSite extends MarkSite<Observable & Settable> {
  protected override make(kit: RecorderKit<Observable & Settable>, family: RecordableFamily<Observable & Settable>) {
    return family.type === 'gauge' ? new LastDuration(kit) : new Durations(kit);
  }
}

class Durations<C extends Observable> extends EndRecorder<C> implements Exemplary {
  override recorder(): Recorder {
    return isSourced() ? traced(this, this.kit.family) : this;
  }

  override enter(): number {
    return performance.now();
  }

  override leave(
    start: number,
    ending: Ending,
    outcome: unknown,
    spot?: Node<C>,
    self?: unknown,
    args?: readonly unknown[],
    exemplar?: ExemplarLabels,
  ): void {
    const seconds = (performance.now() - start) / 1000;
    // The clock is not meant to step back, but it is not ours either: test suites replace it.
    this.seriesOf(ending, outcome, spot, self, args)?.observe(seconds > 0 ? seconds : 0, exemplar);
  }
}

class LastDuration<C extends Settable> extends EndRecorder<C> {
  override enter(): number {
    return performance.now();
  }

  override leave(
    start: number,
    ending: Ending,
    outcome: unknown,
    spot?: Node<C>,
    self?: unknown,
    args?: readonly unknown[],
  ): void {
    const seconds = (performance.now() - start) / 1000;
    this.seriesOf(ending, outcome, spot, self, args)?.set(seconds > 0 ? seconds : 0);
  }
}
