import type { GaugeMerge } from '../model/combination.js';
import type { FamilyDescriptor } from '../model/descriptor.js';
import type { FamilyType } from '../model/family-types.js';
import type { FamilySource, LiveFamily, SampleShape } from '../model/live-family.js';
import type { Aggregator } from '../promclient/metric-object.js';
import type { WindowSlice } from './sketch/window.js';

/**
 * A live family that can be merged with others: its lines, and what only merging needs. Like `labelValues`, everything
 * here describes the moment of the last `readGroup`, until the end of the current turn of the event loop.
 */
export interface MergeableFamily extends LiveFamily {
  /** @internal */
  readonly descriptor: FamilyDescriptor;
  /**
   * Whether the value of a gauge or a state set was ever set; true for other types.
   * @internal
   */
  isSet(row: number): boolean;
  /**
   * When a gauge that is merged by its most recent value was last set, in milliseconds since the epoch; 0 for never.
   * @internal
   */
  lastSetAt(row: number): number;
  /**
   * The same in nanoseconds, on the monotonic clock that all processes of the machine share; 0 for never. Decides
   * between times that are at most a millisecond apart. Families of another copy of promark may lack it.
   * @internal
   */
  lastSetTick?(row: number): number;
  /**
   * The sketches in the window of a summary's series; none for other types.
   * @internal
   */
  windowOf(row: number): readonly WindowSlice[];
}

/** Whether a family can be merged. Live ones of an older promark in the same process cannot. */
export function isMergeable(family: FamilySource): family is MergeableFamily {
  return family.kind === 'live' && 'descriptor' in family && 'windowOf' in family;
}

/** The properties that a family recorded by another thread or process takes from its descriptor. */
export abstract class DescribedFamily {
  readonly kind = 'live';
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly unit: string;
  readonly shape: readonly SampleShape[];
  readonly groupRows: number;
  readonly aggregator: Aggregator | undefined;
  readonly aggregate: GaugeMerge | undefined;

  constructor(
    readonly descriptor: FamilyDescriptor,
    /** Default: those of the descriptor. */
    readonly labelNames: readonly string[] = descriptor.labelNames,
  ) {
    const { name, type, help, unit, shape, groupRows } = descriptor;
    this.name = name;
    this.type = type;
    this.help = help;
    this.unit = unit;
    this.shape = shape;
    this.groupRows = groupRows;
    this.aggregator = descriptor.aggregator as Aggregator | undefined;
    this.aggregate = descriptor.aggregate as GaugeMerge | undefined;
  }
}
