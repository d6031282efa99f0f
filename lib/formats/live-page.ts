import type { LiveFamily } from '../model/live-family.js';
import type { Dialect } from './dialect.js';
import type { PreparedPage } from './format.js';
import { GroupPage } from './group-page.js';
import { LinePlan } from './line-plan.js';
import type { Variant } from './variant.js';

/** The prepared bytes of a live family in one variant, group by group. */
export class LivePage implements PreparedPage {
  private readonly plan: LinePlan;
  private readonly header: Uint8Array;
  private readonly groups: GroupPage[] = [];

  constructor(
    private readonly family: LiveFamily,
    dialect: Dialect,
    variant: Variant,
  ) {
    this.plan = new LinePlan(family, dialect, variant);
    this.header = Buffer.from(this.plan.header);
  }

  /** The family as of now, in pieces; each is brought up to date when it is asked for. */
  *pieces(): Generator<Uint8Array> {
    yield this.header;
    const { family, groups } = this;
    for (let group = 0; group * family.groupRows < family.rowCount; group++) {
      groups[group] ??= new GroupPage(this.plan, group);
      yield groups[group].refresh(family);
    }
  }
}
