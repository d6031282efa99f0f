import { toLabelString } from '../model/labels.js';
import type { FreeLabel } from './label-plan.js';
import type { SeenCall } from './reading.js';
import { type Recordable, Series, type SeriesKit } from './series.js';

/** The most nodes that a tree keeps; what comes later is looked up in its family each time. */
const MOST_KEPT = 10_000;

/**
 * Finds the series of a call by the labels that are read off it, label by label from value to value. For a mark whose
 * labels are all fixed it is a single series.
 */
export class SeriesTree<C extends Recordable> {
  readonly root: Node<C>;
  private kept = 0;

  constructor(
    private readonly kit: SeriesKit<C>,
    /** The label values that are the same for all calls; those of free labels are still to be filled in. */
    private readonly fixed: readonly string[],
    private readonly tell: (error: unknown) => void,
  ) {
    this.root = this.node([]);
  }

  /** The series of a mark that reads no label off its calls. */
  get only(): Series<C> | undefined {
    return this.root instanceof Series ? this.root : undefined;
  }

  /** From one node to the next, by the value of a free label. */
  step(node: Node<C>, free: number, value: unknown): Node<C> {
    const branch = node as Branch<C>;
    return branch.next.get(value) ?? this.open(branch, this.kit.plan.free[free], value);
  }

  /**
   * The rest of the way, by the labels that are read off the whole call. A label whose function throws is left empty,
   * and that is told.
   */
  finish(node: Node<C>, call: SeenCall): Series<C> {
    let at = node;
    const { free } = this.kit.plan;
    for (let i = free.findIndex(({ ofCall }) => ofCall !== undefined); i >= 0 && i < free.length; i++) {
      let value: unknown;
      try {
        value = free[i].ofCall?.(call);
      } catch (fault) {
        this.tell(fault);
      }
      at = this.step(at, i, value);
    }
    return at as Series<C>;
  }

  /** Goes where no call has gone before. */
  private open(branch: Branch<C>, label: FreeLabel, value: unknown): Node<C> {
    const text = this.textOf(label, value);
    const known = branch.next.get(text);
    const node = known ?? this.node([...branch.path, text]);
    if (this.kept < MOST_KEPT) {
      if (known === undefined) this.keep(branch, text, node);
      // A number is found without being written out again; what became `other` must not be remembered one by one.
      if (value === undefined || (typeof value === 'number' && String(value) === text)) this.keep(branch, value, node);
    }
    return node;
  }

  private keep(branch: Branch<C>, value: unknown, node: Node<C>): void {
    this.kept += 1;
    branch.next.set(value, node);
  }

  private node(path: readonly string[]): Node<C> {
    const { free } = this.kit.plan;
    if (path.length < free.length) return new Branch(path);
    const values = [...this.fixed];
    free.forEach(({ at }, i) => {
      values[at] = path[i];
    });
    return new Series(this.kit, values);
  }

  private textOf({ name, values, max }: FreeLabel, value: unknown): string {
    try {
      const text = toLabelString(value, name, this.kit.family.name);
      return text === '' ? text : this.kit.limits.admit(name, text, values, max);
    } catch (fault) {
      this.tell(fault);
      return '';
    }
  }
}

/** A series, or where ways to several part. */
export type Node<C extends Recordable> = Series<C> | Branch<C>;

export class Branch<C extends Recordable> {
  readonly next = new Map<unknown, Node<C>>();

  constructor(readonly path: readonly string[]) {}
}
