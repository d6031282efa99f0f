import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import { Gauge, type GaugeChild, type GaugeMerge } from '../metrics/gauge.js';
import type { LabelSpec } from '../model/labels.js';
import type { Registry } from '../registry/registry.js';
import { EntryDesk } from './entry.js';
import { type FamilyKind, familySource } from './family-source.js';
import { markMethod } from './mark.js';
import type { FamilyOptions, TargetOptions } from './options.js';
import type { RecorderKit } from './recorder.js';
import { AgedRunning, ageGauge, Running } from './running.js';
import type { RecordableFamily } from './series.js';
import { MarkSite } from './site.js';
import { targetOf } from './target.js';

/** What `@InProgress` can be told besides its target. */
export interface InProgressChoice {
  /**
   * Whether a second gauge, the family's name with `_oldest_seconds` behind it, says at each scrape for how many
   * seconds the oldest call has been running; 0 where none is. Default: false.
   */
  readonly age?: boolean;
}

/** What `@InProgress` can be told where it makes its family, or uses the default one. */
export interface InProgressOptions<This, V extends AnyMethod> extends FamilyOptions<This, V>, InProgressChoice {
  /** How the values of several processes merge. Default: `all`. */
  readonly aggregate?: GaugeMerge;
}

/** What `@InProgress` can be told where it records on a metric of the user's. */
export interface InProgressTargetOptions<This, V extends AnyMethod, L extends LabelSpec>
  extends TargetOptions<This, V, L>,
    InProgressChoice {}

const KIND: FamilyKind = {
  decorator: 'InProgress',
  make: Gauge,
  type: 'gauge',
  name: 'method_inprogress',
  help: 'Method calls in progress',
  labelNames: ['class', 'method'],
  added: [],
  passed: ['aggregate'],
};

/**
 * Says how many calls of the method are running: up by 1 before the body, down by exactly 1 when the call has ended,
 * on the same series, whatever happens to the registry in between. Labels are read when the call begins.
 *
 * Without a target: gauge `method_inprogress{class,method}`. With options that have a `name`: a family of that name
 * with the labels in `labels`. With a Gauge: counted there.
 *
 * Throws ConfigError or ConflictError when the class is defined, for options that cannot be used; a call is never
 * affected.
 *
 * @example
 * class Shop {
 *   @InProgress({ age: true })
 *   async order(order: Order) {}
 * }
 */
export function InProgress<This, V extends AnyMethod, const L extends LabelSpec>(
  metric: Gauge<L>,
  options?: InProgressTargetOptions<This, V, L>,
): TypedMethodDecorator<This, V>;
export function InProgress<This, V extends AnyMethod>(
  options?: InProgressOptions<This, V>,
): TypedMethodDecorator<This, V>;
export function InProgress(first?: unknown, second?: unknown): (...on: unknown[]) => void {
  const target = targetOf('InProgress', ['gauge'], first, second);
  const source = familySource(KIND, target);
  return (...on) =>
    markMethod('InProgress', on, (member) => {
      return new InProgressSite({
        decorator: 'InProgress',
        member,
        source,
        options: target.options,
        own: ['class', 'method'],
      });
    });
}

class InProgressSite extends MarkSite<GaugeChild> {
  protected override make(
    kit: RecorderKit<GaugeChild>,
    family: RecordableFamily<GaugeChild>,
    registry: Registry,
  ): EntryDesk<GaugeChild> {
    if (this.options.age !== true) return new EntryDesk(kit, (series) => new Running(series, kit.tell));
    const ages = ageGauge(family, registry);
    return new EntryDesk(kit, (series) => {
      const running = new AgedRunning(series, kit.tell);
      ages.labels(...(family.labelValues(series.row) ?? [])).setFunction(() => running.oldestAge);
      return running;
    });
  }
}
