import { type Described, isReadableElsewhere, type Registrable } from '../../metrics/metric-registry.js';
import { eachRegistration, followRegistrations, type MethodRegistration } from '../../model/method-registrations.js';
import { snapshotOf } from '../../model/snapshot-of.js';
import { Kind, NO_METHOD, snapshotToData } from '../journal-format.js';
import { FamilyRecords, type Generation, type Records } from './generation.js';
import type { Journal } from './journal.js';

/** A family in a journal. Its changes are recorded until it ends. */
export interface PublishedEntry {
  readonly number: number;
  /** Whether it goes at the end of the page. */
  readonly last: boolean;
  /**
   * Describes the family in a generation, step by step, and finally marks it as shown, so that no page shows part of
   * it. Changes made after the first step are recorded in the generation as well.
   */
  describe(generation: Generation): Iterable<void>;
  end(): void;
}

export function entryOf(metric: Registrable, last: boolean, journal: Journal): PublishedEntry {
  const number = journal.number();
  const { describe, end } = isReadableElsewhere(metric)
    ? readable(metric, number, journal)
    : snapshotted(metric, number, journal);
  const methodsIn = (records: Records) => (registration: MethodRegistration, order: number | undefined) => {
    const method = JSON.stringify(registration);
    records.write(Kind.METHOD, number, (record) => record.int(order ?? NO_METHOD).string(method));
  };
  const unfollow = followRegistrations(metric, methodsIn(journal));
  return {
    number,
    last,
    end() {
      unfollow();
      end();
    },
    *describe(generation) {
      generation.admit(number);
      yield* describe(generation);
      eachRegistration(metric, methodsIn(generation));
      // If the family has been removed in the meantime, the generation ignores this.
      generation.write(Kind.SHOWN, number, (record) => record.int(last ? 1 : 0));
    },
  };
}

/** A family whose cells are read in place. */
function readable(
  metric: Registrable & Described,
  number: number,
  journal: Journal,
): Pick<PublishedEntry, 'describe' | 'end'> {
  const log = journal.log(number);
  let ended = false;
  metric.follow(log);
  return {
    *describe(generation) {
      const descriptor = JSON.stringify(metric.descriptor);
      generation.write(Kind.FAMILY, number, (record) => record.string(descriptor));
      for (const _ of metric.describe(new FamilyRecords(generation, number))) {
        yield;
        if (ended) return;
      }
    },
    end() {
      ended = true;
      metric.unfollow(log);
    },
  };
}

/** A family that cannot be read in place: its snapshot is written, and again whenever it changes. */
function snapshotted(metric: Registrable, number: number, journal: Journal): Pick<PublishedEntry, 'describe' | 'end'> {
  const writeSnapshot = (records: Records) => {
    const snapshot = JSON.stringify(snapshotToData(snapshotOf(metric)));
    records.write(Kind.SNAPSHOT, number, (record) => record.string(snapshot));
  };
  const changed = () => {
    // Its `collect` may have been set.
    journal.onIncomplete();
    writeSnapshot(journal);
  };
  const end = metric.watch?.(changed) ?? (() => {});
  return {
    *describe(generation) {
      writeSnapshot(generation);
      yield;
    },
    end,
  };
}
