import { type Ending, exceptionName } from '../calls/ending.js';
import { OVERFLOW } from '../metrics/series-table.js';
import type { LabelPlan } from './label-plan.js';
import type { Limits } from './limits.js';

/** What a mark records on: one series of a metric. */
export interface Recordable {
  /** -1 once the series was removed. */
  readonly row: number;
}

/** What marks ask of a metric, whatever its labels. */
export interface RecordableFamily<C extends Recordable> {
  readonly name: string;
  readonly type: string;
  readonly labelNames: readonly string[];
  readonly enableExemplars?: boolean;
  labels(...values: readonly string[]): C;
  remove(...values: readonly string[]): void;
  labelValues(row: number): readonly string[] | undefined;
  readonly shape: { readonly length: number };
  readValues(from: number, to: number, into: Float64Array): void;
}

/** What all series of one mark in one registry have in common. */
export interface SeriesKit<C extends Recordable> {
  readonly family: RecordableFamily<C>;
  readonly plan: LabelPlan;
  readonly limits: Limits;
}

/**
 * The series that differ only in the labels that tell how a call ended. Found once and kept, so that recording looks
 * nothing up; found again when one was removed.
 */
export class Series<C extends Recordable> {
  private ok: C | undefined;
  private readonly others = new Map<string, C>();
  private readonly byResult: boolean;
  private readonly byException: boolean;

  constructor(
    private readonly kit: SeriesKit<C>,
    /** The label values, with those for result and exception still to be filled in. */
    private readonly values: readonly string[],
  ) {
    this.byResult = kit.plan.at.result >= 0;
    this.byException = kit.plan.at.exception >= 0;
  }

  /** The series for a call that ended so; `failure` is what was thrown, if anything was. */
  of(ending: Ending, failed: boolean, failure: unknown): C {
    if (ending === 'ok' && !failed) return this.usual();
    const exception = failed ? exceptionName(failure) : 'none';
    return this.other(
      this.byResult ? ending : '',
      this.byException ? this.kit.limits.admit('exception', exception) : '',
    );
  }

  /** Makes the series of an ending where nothing more has to be known for it. */
  known(ending: 'ok' | 'error'): void {
    if (ending === 'ok') this.usual();
    else if (this.byResult && !this.byException) this.other(ending, '');
  }

  private other(result: string, exception: string): C {
    if (result === '' && exception === '') return this.usual();
    const key = `${result} ${exception}`;
    const kept = this.others.get(key);
    if (kept !== undefined && kept.row >= 0) return kept;
    const made = this.make(result, exception);
    if (this.mayKeep(made)) this.others.set(key, made);
    return made;
  }

  /** The series of calls that succeed. */
  usual(): C {
    const { ok } = this;
    return ok !== undefined && ok.row >= 0 ? ok : this.makeUsual();
  }

  /** Takes the series off the page on which nothing was recorded. */
  retract(): void {
    const { family } = this.kit;
    for (const series of [this.ok, ...this.others.values()]) {
      if (series === undefined || series.row < 0) continue;
      const values = new Float64Array(family.shape.length);
      family.readValues(series.row, series.row + 1, values);
      // A quantile of nothing is NaN.
      const untouched = values.every((value) => value === 0 || Number.isNaN(value));
      if (untouched) family.remove(...(family.labelValues(series.row) ?? []));
    }
  }

  private makeUsual(): C {
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

  /** The overflow series of a full family is asked for anew each time: there may be room by then. */
  private mayKeep(series: C): boolean {
    const { family } = this.kit;
    return family.labelNames.length === 0 || family.labelValues(series.row)?.[0] !== OVERFLOW;
  }
}
