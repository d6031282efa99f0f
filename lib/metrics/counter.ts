import { settle } from '../calls/settle.js';
import { show, ValueError } from '../model/errors.js';
import type { LabelSpec, Labels } from '../model/labels.js';
import type { MetricConfig } from './config.js';
import { carriesExemplar, type ExemplarLabels } from './exemplars.js';
import { type Child, Family } from './family.js';

/** What a Counter is made from. */
export interface CounterConfig<L extends LabelSpec> extends MetricConfig<L, Counter<L>> {}

/** An increment together with an exemplar. */
export interface IncWithExemplar<L extends LabelSpec> {
  readonly labels?: Labels<L>;
  /** Default: 1. */
  readonly value?: number;
  readonly exemplarLabels?: ExemplarLabels;
}

/**
 * Counts what only ever goes up: requests, errors, bytes sent. Its name should end in `_total`.
 *
 * @example
 * const requests = new Counter({ name: 'http_requests_total', help: 'HTTP requests', labelNames: ['method', 'code'] });
 * requests.inc({ method: 'GET', code: 200 });
 * const gets = requests.labels('GET', 200); // hot? keep it
 * gets.inc();
 */
export class Counter<const L extends LabelSpec = readonly []> extends Family<L, CounterChild> {
  constructor(config: CounterConfig<L>) {
    super(config, { type: 'counter', width: 1, shape: [{ suffix: '' }] });
    this.settleIn();
  }

  /**
   * Adds `value`, 1 where none is given. Throws ValueError for what is negative or not finite, and LabelError for
   * labels that are not the family's.
   */
  inc(value?: number): void;
  inc(labels: Labels<L>, value?: number): void;
  inc(increment: IncWithExemplar<L>): void;
  inc(first?: number | Labels<L> | IncWithExemplar<L> | null, value?: number): void {
    if (typeof first !== 'object' || first === null) (this.bare ?? this.bareChild()).inc(first ?? value ?? 1);
    else if (this.enableExemplars && value === undefined && carriesExemplar(first, this.labelNames))
      this.incWithExemplar(first as IncWithExemplar<L>);
    else this.child(first).inc(value);
  }

  /** Calls `body` and adds 1 if it throws or its promise is rejected. The error passes on to the caller. */
  countExceptions<R>(body: () => R): R {
    return (this.bare ?? this.bareChild()).countExceptions(body);
  }

  protected override makeChild(row: number): CounterChild {
    const { cells, index } = this.rows.at(row);
    return new CounterChild(this, row, cells, index);
  }

  protected override readRow(cells: Float64Array, index: number, _row: number, into: Float64Array, at: number): void {
    into[at] = cells[index];
  }

  private incWithExemplar({ labels, value, exemplarLabels }: IncWithExemplar<L>): void {
    const child = this.child(labels ?? {});
    child.inc(value);
    if (exemplarLabels !== undefined) this.keepExemplar(child, 0, exemplarLabels, value ?? 1);
  }
}

/** One series of a Counter. */
export class CounterChild implements Child {
  held = false;

  constructor(
    private readonly family: { readonly name: string },
    public row: number,
    public cells: Float64Array,
    public index: number,
  ) {}

  /** Adds `value`, 1 where none is given. Throws ValueError for what is negative or not finite. */
  inc(value: number | null = 1): void {
    // A text or a boolean would pass the comparisons, and a text would be put behind the number.
    if (typeof value === 'number' && value >= 0 && value < Infinity) this.cells[this.index] += value;
    else if (value === null) this.inc();
    else this.refuse(value);
  }

  /** Calls `body` and adds 1 if it throws or its promise is rejected. The error passes on to the caller. */
  countExceptions<R>(body: () => R): R {
    return settle(body, (failed) => {
      if (failed) this.inc();
    });
  }

  private refuse(value: unknown): never {
    throw new ValueError(
      `Counter "${this.family.name}" only goes up, by a finite number of 0 or more, not by ${show(value)}. ` +
        'For what goes down as well, use a Gauge.',
    );
  }
}
