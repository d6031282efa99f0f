import { GroupReading, type LiveFamily } from '../model/live-family.js';
import type { Dialect } from './dialect.js';
import type { PreparedPage } from './format.js';
import { GroupLines } from './group-lines.js';
import { LinePlan } from './line-plan.js';
import { PreparedGroups } from './prepared-groups.js';
import type { Variant } from './variant.js';

const reading = new GroupReading();

/** The lines of a live family in one variant. */
export class LivePage implements PreparedPage {
  private readonly header: Uint8Array;
  private readonly groups: PreparedGroups;

  constructor(family: LiveFamily, dialect: Dialect, variant: Variant) {
    const plan = new LinePlan(family, dialect, variant);
    this.header = Buffer.from(plan.header);
    this.groups = new PreparedGroups(family, reading, () => new GroupLines(plan));
  }

  *pieces(): Generator<Uint8Array> {
    const lines = yield* this.groups.refresh();
    yield this.header;
    yield* lines;
  }
}
