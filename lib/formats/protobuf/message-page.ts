import { GroupReading, type LiveFamily } from '../../model/live-family.js';
import type { PreparedPage } from '../format.js';
import { PreparedGroups } from '../prepared-groups.js';
import type { Variant } from '../variant.js';
import { CompositeGroup } from './composite-group.js';
import { familyFrame } from './family-frame.js';
import { MessagePlan } from './message-plan.js';
import { SingleGroup } from './single-group.js';

const reading = new GroupReading(true);

/** The messages of a live family in one variant. */
export class MessagePage implements PreparedPage {
  private readonly groups: PreparedGroups;

  constructor(
    private readonly family: LiveFamily,
    private readonly variant: Variant,
  ) {
    const plan = new MessagePlan(family, variant);
    const makeGroup = () => (plan.composite ? new CompositeGroup(plan) : new SingleGroup(plan));
    this.groups = new PreparedGroups(family, reading, makeGroup);
  }

  /** A message begins with its length, so all groups are brought up to date before the first byte is known. */
  *pieces(): Generator<Uint8Array> {
    const metrics = yield* this.groups.refresh();
    const length = metrics.reduce((sum, bytes) => sum + bytes.length, 0);
    // A family without series is left out, as the Go client does.
    if (length === 0) return;
    const { head, tail } = familyFrame(this.family, this.variant, length);
    yield head;
    yield* metrics;
    yield tail;
  }
}
