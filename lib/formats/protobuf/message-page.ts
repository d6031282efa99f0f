import type { LiveFamily } from '../../model/live-family.js';
import type { PreparedPage } from '../format.js';
import type { Variant } from '../variant.js';
import { BackwardWriter } from './backward-writer.js';
import { CompositeGroup } from './composite-group.js';
import { familyFrame } from './family-frame.js';
import { MessagePlan } from './message-plan.js';
import { SingleGroup } from './single-group.js';

const NOTHING = new Uint8Array(0);

/** Where messages are put together before they are cut out; used by one group at a time. */
const writer = new BackwardWriter();
let values = new Float64Array(1024);

/** The prepared messages of a live family, group by group. */
export class MessagePage implements PreparedPage {
  private readonly plan: MessagePlan;
  private readonly groups: Group[] = [];

  constructor(
    private readonly family: LiveFamily,
    private readonly variant: Variant,
  ) {
    this.plan = new MessagePlan(family, variant);
  }

  /** A message begins with its length, so all groups are brought up to date before the first byte is known. */
  *pieces(): Generator<Uint8Array> {
    const { family, groups } = this;
    const metrics: Uint8Array[] = [];
    let length = 0;
    for (let group = 0; group * family.groupRows < family.rowCount; group++) {
      groups[group] ??= new Group(this.plan, group);
      const bytes = groups[group].refresh(family);
      metrics.push(bytes);
      length += bytes.length;
      yield NOTHING;
    }
    // A family without series is left out, as the Go client does.
    if (length === 0) return;
    const { head, tail } = familyFrame(family, this.variant, length);
    yield head;
    yield* metrics;
    yield tail;
  }
}

class Group {
  private readonly messages: SingleGroup | CompositeGroup;
  private bytes: Uint8Array = NOTHING;
  private version = -1;
  /** The value of each line as it was written. */
  private last = new Float64Array(0);

  constructor(
    plan: MessagePlan,
    private readonly group: number,
  ) {
    this.messages = plan.composite ? new CompositeGroup(plan) : new SingleGroup(plan);
  }

  refresh(family: LiveFamily): Uint8Array {
    const version = family.groupVersion(this.group);
    const from = this.group * family.groupRows;
    const to = Math.min(from + family.groupRows, family.rowCount);
    const room = (to - from) * family.shape.length;
    if (values.length < room) values = new Float64Array(room);
    family.readValues(from, to, values);
    if (version !== this.version) {
      this.last = values.slice(0, linesOf(family, from, to));
      this.bytes = this.messages.rebuild(family, from, to, this.last, writer);
      this.version = version;
    } else if (this.changed()) {
      const now = values.subarray(0, this.last.length);
      this.bytes = this.messages.patch(family, now, this.last, writer);
      this.last.set(now);
    }
    return this.bytes;
  }

  private changed(): boolean {
    const { last } = this;
    for (let i = 0; i < last.length; i++) {
      if (values[i] !== last[i] && !(Number.isNaN(values[i]) && Number.isNaN(last[i]))) return true;
    }
    return false;
  }
}

/** Lines of the rows that hold a series. */
function linesOf(family: LiveFamily, from: number, to: number): number {
  let rows = 0;
  for (let row = from; row < to; row++) if (family.labelValues(row) !== undefined) rows += 1;
  return rows * family.shape.length;
}
