import { type Described, isReadableElsewhere, type Registrable } from '../../metrics/metric-registry.js';
import { eachRegistration, followRegistrations, type MethodRegistration } from '../../model/method-registrations.js';
import { snapshotOf } from '../../model/snapshot-of.js';
import { Kind, NO_METHOD, snapshotToData } from '../layout.js';
import { FamilyRecords, type Generation, type Records } from './generation.js';
import type { Journal } from './journal.js';

/** A family in a journal, which records what happens to it until the end. */
export interface Entry {
  readonly number: number;
  /** Whether it stands at the end of the page. */
  readonly last: boolean;
  /**
   * Says in a generation what there is to say, step by step, and last of all that the family stands on the page: no page
   * shows a part of it. What happens after the first step is said there as well.
   */
  describe(generation: Generation): Iterable<void>;
  end(): void;
}

export function entryOf(metric: Registrable, last: boolean, journal: Journal): Entry {
  const number = journal.number();
  const { describe, end } = isReadableElsewhere(metric)
    ? readable(metric, number, journal)
    : snapshotted(metric, number, journal);
  const methodsIn = (records: Records) => (registration: MethodRegistration, order: number | undefined) => {
    const method = JSON.stringify(registration);
    records.write(Kind.METHOD, number, (record) => record.int(order ?? NO_METHOD).text(method));
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
      // Where the family has left meanwhile, the generation does not take this any more.
      generation.write(Kind.SHOWN, number, (record) => record.int(last ? 1 : 0));
    },
  };
}

type Way = Pick<Entry, 'describe' | 'end'>;

/** A family whose cells are read where they lie. */
function readable(metric: Registrable & Described, number: number, journal: Journal): Way {
  const log = journal.log(number);
  let ended = false;
  metric.follow(log);
  return {
    *describe(generation) {
      const about = JSON.stringify(metric.descriptor);
      generation.write(Kind.FAMILY, number, (record) => record.text(about));
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

/** A family that cannot be read elsewhere: a snapshot is written, and another one whenever it has changed. */
function snapshotted(metric: Registrable, number: number, journal: Journal): Way {
  const say = (records: Records) => {
    const snapshot = JSON.stringify(snapshotToData(snapshotOf(metric)));
    records.write(Kind.SNAPSHOT, number, (record) => record.text(snapshot));
  };
  const end = metric.watch?.(() => say(journal)) ?? (() => {});
  return {
    *describe(generation) {
      say(generation);
      yield;
    },
    end,
  };
}
