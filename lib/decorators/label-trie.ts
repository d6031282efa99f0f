import { type Ending, exceptionName } from '../calls/ending.js';
import { OVERFLOW } from '../metrics/series-table.js';
import { toLabelString } from '../model/labels.js';
import type { LiveFamily } from '../model/live-family.js';
import { snapshotOf } from '../model/snapshot-of.js';
import { type CardinalityLimit, type DynamicLabel, handled, type LabelPlan, type SeenCall } from './label-plan.js';

/** One series of a metric, which decorators record on. */
export interface Recordable {
  /** -1 once the series was removed. */
  readonly row: number;
}

/** What decorators need from a metric with any labels. */
export interface RecordableFamily<C extends Recordable> extends LiveFamily {
  readonly enableExemplars?: boolean;
  labels(...values: readonly string[]): C;
  remove(...values: readonly string[]): void;
}

/** Shared by all series of one decorated method in one registry. */
export interface SeriesKit<C extends Recordable> {
  readonly family: RecordableFamily<C>;
  readonly plan: LabelPlan;
  readonly limit: CardinalityLimit;
}

/** Maximum number of nodes in a trie; further series are looked up in the family each time. */
const MAX_NODES = 10_000;

/**
 * Finds the series of a call by the values of its dynamic labels, one label per level. Without dynamic labels it is a
 * single series.
 */
export class LabelTrie<C extends Recordable> {
  readonly root: TrieNode<C>;
  private kept = 0;

  constructor(
    private readonly kit: SeriesKit<C>,
    /** The label values that are the same for all calls; empty for dynamic labels. */
    private readonly fixed: readonly string[],
    private readonly report: (error: unknown) => void,
  ) {
    this.root = this.node([]);
  }

  /** The series, if there are no dynamic labels. */
  get only(): OutcomeSeries<C> | undefined {
    return this.root instanceof OutcomeSeries ? this.root : undefined;
  }

  /** Returns the next node, by the value of a dynamic label. */
  descend(node: TrieNode<C>, index: number, value: unknown): TrieNode<C> {
    const branch = node as TrieBranch<C>;
    return branch.next.get(value) ?? this.open(branch, this.kit.plan.dynamic[index], value);
  }

  /** Descends by the labels that depend on the whole call. If a label function throws, its label stays empty. */
  finish(node: TrieNode<C>, call: SeenCall): OutcomeSeries<C> {
    let at = node;
    const { dynamic } = this.kit.plan;
    for (let i = dynamic.findIndex(({ ofCall }) => ofCall !== undefined); i >= 0 && i < dynamic.length; i++) {
      let value: unknown;
      try {
        value = dynamic[i].ofCall?.(call);
      } catch (fault) {
        this.report(fault);
      }
      at = this.descend(at, i, value);
    }
    return at as OutcomeSeries<C>;
  }

  /** Finds or creates the node for a value that was not seen in this form before. */
  private open(branch: TrieBranch<C>, label: DynamicLabel, value: unknown): TrieNode<C> {
    const text = this.stringOf(label, value);
    const known = branch.next.get(text);
    const node = known ?? this.node([...branch.path, text]);
    if (this.kept < MAX_NODES) {
      if (known === undefined) this.keep(branch, text, node);
      // Numbers are stored too, so that they need not be converted again; but not values that became `other`, of which
      // there may be many.
      if (value === undefined || (typeof value === 'number' && String(value) === text)) this.keep(branch, value, node);
    }
    return node;
  }

  private keep(branch: TrieBranch<C>, value: unknown, node: TrieNode<C>): void {
    this.kept += 1;
    branch.next.set(value, node);
  }

  private node(path: readonly string[]): TrieNode<C> {
    const { dynamic } = this.kit.plan;
    if (path.length < dynamic.length) return new TrieBranch(path);
    const values = [...this.fixed];
    dynamic.forEach(({ at }, i) => {
      values[at] = path[i];
    });
    return new OutcomeSeries(this.kit, values);
  }

  private stringOf({ name, values, max }: DynamicLabel, value: unknown): string {
    try {
      const text = toLabelString(handled(value), name, this.kit.family.name);
      return text === '' ? text : this.kit.limit.admit(name, text, values, max);
    } catch (fault) {
      this.report(fault);
      return '';
    }
  }
}

/** A series, or a branch with one child for each value of the next dynamic label. */
export type TrieNode<C extends Recordable> = OutcomeSeries<C> | TrieBranch<C>;

class TrieBranch<C extends Recordable> {
  readonly next = new Map<unknown, TrieNode<C>>();

  constructor(readonly path: readonly string[]) {}
}

/**
 * The series that differ only in the labels `result` and `exception`. Each is cached, so that recording needs no
 * look-up, and looked up again if it was removed.
 */
export class OutcomeSeries<C extends Recordable> {
  private ok: C | undefined;
  private readonly others = new Map<string, C>();
  private readonly byResult: boolean;
  private readonly byException: boolean;

  constructor(
    private readonly kit: SeriesKit<C>,
    /** The label values; empty for `result` and `exception`. */
    private readonly values: readonly string[],
  ) {
    this.byResult = kit.plan.at.result >= 0;
    this.byException = kit.plan.at.exception >= 0;
  }

  /** Returns the series for a call with this ending; `failure` is the error, if there was one. */
  of(ending: Ending, failed: boolean, failure: unknown): C {
    if (ending === 'ok' && !failed) return this.success();
    const exception = failed ? exceptionName(failure) : 'none';
    return this.other(
      this.byResult ? ending : '',
      this.byException ? this.kit.limit.admit('exception', exception) : '',
    );
  }

  /**
   * Creates the series of an ending. With an `exception` label, whose value is only known after a call, it is created
   * only if that label may be empty, so that rates over all exceptions do not begin with the first failure.
   */
  makeKnown(ending: Ending, mayBeEmpty = false): void {
    if (ending === 'ok') this.success();
    else if (this.byResult && (!this.byException || mayBeEmpty)) this.other(ending, '');
  }

  /** Returns the series of successful calls. */
  success(): C {
    return this.known() ?? this.makeSuccess();
  }

  /** The same series, if it was found before and has not been removed. */
  known(): C | undefined {
    const { ok } = this;
    return ok !== undefined && ok.row >= 0 ? ok : undefined;
  }

  /** Removes unused series. */
  retract(): void {
    const { family } = this.kit;
    for (const series of [this.ok, ...this.others.values()]) {
      if (series === undefined || series.row < 0) continue;
      const { samples } = snapshotOf(family, { from: series.row, to: series.row + 1 });
      // Quantiles without observations are NaN.
      const untouched = samples.every(({ value }) => value === 0 || Number.isNaN(value));
      if (untouched) family.remove(...(family.labelValues(series.row) ?? []));
    }
  }

  private other(result: string, exception: string): C {
    if (result === '' && exception === '') return this.success();
    const key = `${result} ${exception}`;
    const kept = this.others.get(key);
    if (kept !== undefined && kept.row >= 0) return kept;
    const made = this.make(result, exception);
    if (this.mayKeep(made)) this.others.set(key, made);
    return made;
  }

  private makeSuccess(): C {
    const made = this.make(this.byResult ? 'ok' : '', this.byException ? 'none' : '');
    if (this.mayKeep(made)) this.ok = made;
    return made;
  }

  private make(result: string, exception: string): C {
    const { family, plan } = this.kit;
    const values = [...this.values];
    if (this.byResult) values[plan.at.result] = result;
    if (this.byException) values[plan.at.exception] = exception;
    return family.labels(...values);
  }

  /** The overflow series of a full family is not cached, because there may be room later. */
  private mayKeep(series: C): boolean {
    const { family } = this.kit;
    return family.labelNames.length === 0 || family.labelValues(series.row)?.[0] !== OVERFLOW;
  }
}
