import type { CellLayout, FamilyDescriptor } from '../model/descriptor.js';
import type { Exemplar } from '../model/exemplar.js';
import { type FamilyType, TYPE_RULES } from '../model/family-types.js';
import type { Faults } from '../model/faults.js';
import type { LabelValue } from '../model/labels.js';
import type { GroupReading, SampleShape } from '../model/live-family.js';
import { type Aggregator, liveMetricObject, type MetricObject } from '../promclient/metric-object.js';
import type { FamilyLog } from '../store/row-changes.js';
import type { RowTable } from '../store/row-table.js';
import type { CellRange, Store } from '../store/store.js';
import { type ExemplarLabels, ExemplarStore, type KeepExemplar, makeExemplar, sourcedLabels } from './exemplars.js';
import { inspectMetric } from './inspect.js';
import { ONE_CELL, type RowLayout, type Sketches } from './layout/rows.js';
import type { MergeableFamily } from './mergeable-family.js';
import { type ConfigPlan, checkConfig } from './metric-config.js';
import { type MetricRegistry, type Registrable, storeOf } from './metric-registry.js';
import { INSPECT } from './recording.js';
import { type Child, SeriesPublisher, SeriesReader, SeriesTable } from './series-table.js';
import type { Sketch } from './sketch/sketch.js';
import type { WindowSlice } from './sketch/window.js';

const DEFAULT_MAX_SERIES = 10_000;
const CELLS: CellLayout = { kind: 'cells' };

/** What distinguishes the families of one type. */
export interface FamilyPlan extends ConfigPlan {
  /** Cells of one series. */
  readonly width: number;
  /** Lines of one series. */
  readonly shape: readonly SampleShape[];
  /** How the lines are computed from the cells. Default: each line is a cell. */
  readonly layout?: CellLayout;
  /**
   * Returns the implementation of the layout. Not looked up by its kind, so that bundles have only the layouts of the
   * types that they use. Default: one cell.
   */
  readonly rowLayout?: (sketches: Sketches) => RowLayout;
  /**
   * Whether a child has no state besides its cells. Such children are created for one recording and dropped unless a
   * caller gets them, because they would take more memory than everything else of a series. Default: false.
   */
  readonly transientChildren?: boolean;
}

/**
 * The readers' side of a family: its series are in a `SeriesTable`, pages read their cells group by group, and a
 * publisher logs what readers in other threads and processes need to know.
 */
export abstract class PublishedFamily<C extends Child>
  implements Extract<Registrable, { kind: 'live' }>, MergeableFamily
{
  readonly kind = 'live';
  // Fields that the constructor sets are only declared, because they would otherwise be set to undefined first.
  declare readonly name: string;
  /** The help text on pages. */
  declare readonly help: string;
  declare readonly unit: string;
  /** The type on pages: `counter`, `histogram` and so on. */
  declare readonly type: FamilyType;
  /** The names of the labels, in the order of `labels(…)`. */
  declare readonly labelNames: readonly string[];
  /** @internal */
  declare readonly shape: readonly SampleShape[];
  declare readonly aggregator: Aggregator;
  /** Whether recording calls may carry an exemplar. */
  declare readonly enableExemplars: boolean;
  /** @internal */
  declare readonly isOfProcess: boolean;

  /**
   * The child without label values: the only one of a family without labels. Created on first use in other families.
   */
  protected unlabeled: C | undefined;
  /** Allocates further cells for children. */
  declare protected readonly store: Store;
  declare protected readonly rows: RowTable;
  /** Stores the exemplars of children; undefined if exemplars are disabled. */
  protected readonly keepExemplar: KeepExemplar<C> | undefined;
  declare protected readonly registries: readonly MetricRegistry[];
  declare protected readonly series: SeriesTable<C>;
  declare protected readonly children: readonly (C | undefined)[];
  declare private readonly publisher: SeriesPublisher;
  declare private collecting: (() => void | Promise<void>) | undefined;
  private readonly exemplars = new ExemplarStore();
  /** @internal */
  declare readonly transientChildren: boolean;
  declare protected readonly cellLayout: RowLayout;
  /** Reads the exponential buckets of a row; undefined in families that have none. */
  protected readNative: GroupReading['readNative'];
  /** Created for the first page. */
  private reader: SeriesReader | undefined;
  declare private readonly layout: CellLayout;
  /** @internal */
  declare readonly maxSeries: number;

  constructor(config: object, plan: FamilyPlan) {
    const checked = checkConfig(config, plan);
    this.name = checked.name;
    this.help = checked.help;
    this.unit = checked.unit;
    this.type = plan.type;
    this.labelNames = checked.labelNames;
    this.shape = plan.shape;
    this.aggregator = checked.aggregator;
    this.enableExemplars = checked.enableExemplars;
    this.isOfProcess = checked.isOfProcess;
    if (checked.enableExemplars) {
      this.keepExemplar = (child, line, value, labels) => this.takeExemplar(child, line, value, labels);
    }
    this.collecting = checked.collect;
    this.registries = checked.registries;
    this.layout = plan.layout ?? CELLS;
    this.transientChildren = plan.transientChildren ?? false;
    this.maxSeries = checked.maxSeries ?? this.registries[0]?.maxSeries ?? DEFAULT_MAX_SERIES;
    this.cellLayout = plan.rowLayout?.(this) ?? ONE_CELL;
    this.series = new SeriesTable<C>(storeOf(this.registries), this, plan.width);
    this.rows = this.series.rows;
    this.store = this.rows.changes;
    this.children = this.series.children;
    this.publisher = new SeriesPublisher(this.rows);
  }

  /** Called before every page; the function from the configuration. */
  collect?(): void | Promise<void>;

  // Declared as a method, because TypeScript lets no subclass override an accessor by a method or a field.
  get ['collect' as string](): (() => void | Promise<void>) | undefined {
    return this.collecting;
  }

  set ['collect' as string](collect: (() => void | Promise<void>) | undefined) {
    this.announceRefresh();
    this.collecting = collect;
  }

  /** @internal */
  abstract makeChild(row: number): C;

  /** @internal */
  get beginsBlank(): boolean {
    return !TYPE_RULES[this.type].valuesAreSet;
  }

  /** @internal */
  beginCells(cells: Float64Array, index: number): void {
    this.cellLayout.begin?.(cells, index);
  }

  /** @internal */
  sharedMemoryEnded(): void {
    this.announceRefresh();
    this.faults?.warn?.(
      'No shared memory can be allocated: new series are kept on the heap, and a metrics server in its own thread has ' +
        'to ask this thread for their values.',
    );
  }

  /** @internal */
  removed(child: C): void {
    if (this.unlabeled === child) this.unlabeled = undefined;
    this.detach(child);
  }

  /** @internal */
  overflowed(): void {
    this.faults?.overflow(this.name, this.maxSeries);
  }

  abstract reset(): void;

  abstract removeMatching(labels: { readonly [label: string]: LabelValue }): number;

  /**
   * The sketches that the quantiles of a row are read from.
   * @internal
   */
  sketchesOf(_row: number): readonly Sketch[] {
    return [];
  }

  /** Returns the metric with all its values, in prom-client's form. Runs `collect` first. */
  async get(): Promise<MetricObject> {
    const end = this.beginUpdate();
    try {
      await this.refresh?.();
    } finally {
      end();
    }
    return liveMetricObject(this);
  }

  /** @internal */
  [INSPECT](): string {
    return inspectMetric(this);
  }

  /** The number of series, the overflow series included. */
  get seriesCount(): number {
    return this.rows.liveCount;
  }

  /** @internal */
  get refresh(): (() => void | Promise<void>) | undefined {
    return this.collect;
  }

  /** @internal */
  announceRefresh(): void {
    this.publisher.refreshing();
  }

  /** @internal */
  get rowCount(): number {
    return this.rows.rowCount;
  }

  /** @internal */
  get groupRows(): number {
    return this.rows.groupRows;
  }

  /** @internal */
  readGroup(group: number, into: GroupReading): void {
    this.reader ??= new SeriesReader(this.rows, this.cellLayout, this.shape.length);
    this.reader.readGroup(group, into);
    into.readNative = into.withNative ? this.readNative : undefined;
  }

  /** @internal */
  groupVersion(group: number): number {
    return this.rows.groupVersion(group);
  }

  /** @internal */
  get revision(): number {
    return this.rows.revision;
  }

  /** @internal */
  labelValues(row: number, into?: string[]): readonly string[] | undefined {
    return this.rows.isLive(row) ? this.series.valuesOf(row, into) : undefined;
  }

  /** @internal */
  isNumeric(label: string, text: string): boolean {
    return this.series.index.dictionaries[this.labelNames.indexOf(label)]?.isNumeric(text) ?? false;
  }

  /** @internal */
  createdAt(row: number): number {
    return this.rows.startedAt(row);
  }

  /** @internal */
  exemplar(row: number, line: number): Exemplar | undefined {
    return this.exemplars.get(row, line);
  }

  /** @internal */
  isSet(row: number): boolean {
    const { cells, index } = this.rows.at(row);
    return this.cellLayout.isSet?.(cells, index) ?? true;
  }

  /** @internal */
  lastSetAt(_row: number): number {
    return 0;
  }

  /** @internal */
  lastSetTick(_row: number): number {
    return 0;
  }

  /** @internal */
  windowOf(_row: number): readonly WindowSlice[] {
    return [];
  }

  /**
   * Whether other threads of this process can read the cells.
   * @internal
   */
  get isShared(): boolean {
    return this.store.shared === true;
  }

  /**
   * What readers in other threads and processes need to read the cells.
   * @internal
   */
  get descriptor(): FamilyDescriptor {
    const { name, type, help, unit, labelNames, shape, groupRows, layout, aggregator, maxSeries, rows } = this;
    const { width } = rows;
    return { name, type, help, unit, labelNames, shape, groupRows, layout, aggregator, maxSeries, width };
  }

  /**
   * Writes the existing series to a log, step by step. If the log follows the family, it misses nothing in between.
   * @internal
   */
  describe(log: FamilyLog): Iterable<void> {
    return this.publisher.describe(log);
  }

  /**
   * Writes series that are added or removed from now on to a log.
   * @internal
   */
  follow(log: FamilyLog): void {
    this.publisher.follow(log);
  }

  /** @internal */
  unfollow(log: FamilyLog): void {
    this.publisher.unfollow(log);
  }

  /**
   * Lets readers of the logs see the current series until the returned function is called.
   * @internal
   */
  beginUpdate(): () => void {
    return this.rows.changes.beginUpdate();
  }

  /**
   * Counts and logs faults of this family.
   * @internal
   */
  get faults(): Faults | undefined {
    return this.registries[0]?.faults;
  }

  /** Replaces the exemplar of a line of a series. */
  protected putExemplar(child: C, line: number, exemplar: Exemplar): void {
    this.exemplars.put(child.row, line, exemplar);
    this.publisher.exemplar(child.row, line, exemplar);
    this.rows.touch(child.row);
  }

  /** Writes the cells that a series has besides those of its row to a log. */
  protected describeParts(_child: C, _log: FamilyLog): void {}

  /** Writes further cells of a series to all logs. */
  protected publishPart(child: C, key: readonly number[], range: CellRange): void {
    this.publisher.part(child.row, key, range);
  }

  /**
   * Stores the given exemplar, or else that of the source. One that cannot be used is counted as a fault. Never throws.
   */
  private takeExemplar(child: C, line: number, value: number, exemplarLabels: ExemplarLabels | undefined): void {
    if (child.row < 0) return;
    try {
      const labels = exemplarLabels ?? sourcedLabels();
      const exemplar = labels && makeExemplar(labels, value, this.name);
      // The source or a getter may have removed the series.
      if (exemplar !== undefined && child.row >= 0) this.putExemplar(child, line, exemplar);
    } catch (error) {
      this.faults?.instrumentation(`exemplar of ${this.name}`, error);
    }
  }

  /** @internal */
  describeSeries(row: number, log: FamilyLog): void {
    this.describeRestart(row, log, false);
    this.describePartsOf(row, log);
  }

  /** @internal */
  describeRun(from: number, to: number, log: FamilyLog): void {
    const run: (number | string)[] = [];
    for (let row = from; row < to; row++) run.push(this.rows.startedAt(row), ...this.series.valuesOf(row));
    log.run(from, to - from, run);
    for (let row = from; row < to; row++) {
      this.describeExemplars(row, log);
      this.describePartsOf(row, log);
    }
  }

  /**
   * A gauge that was never set counts only once it is.
   * @internal
   */
  fitsInRun(row: number): boolean {
    return this.beginsBlank || this.isSet(row);
  }

  /** @internal */
  describeRestart(row: number, log: FamilyLog, again: boolean): void {
    log.series(row, this.rows.startedAt(row), this.series.valuesOf(row), again);
    this.describeExemplars(row, log);
  }

  private describeExemplars(row: number, log: FamilyLog): void {
    this.exemplars.visit(row, (line, exemplar) => log.exemplar(row, line, exemplar));
  }

  private describePartsOf(row: number, log: FamilyLog): void {
    if (!this.transientChildren) this.describeParts(this.childAt(row), log);
  }

  /** Returns the child of a row, for immediate use: a transient one is not detached when its series is removed. */
  protected childAt(row: number): C {
    return this.children[row] ?? this.makeChild(row);
  }

  /** Starts a series again from 0. */
  protected restart(child: C): void {
    this.rows.zero(child.row, Date.now());
    if (this.exemplars.drop(child.row)) this.publisher.forgetExemplars(child.row);
  }

  /** Points a child, which callers may still hold, to cells that nobody reads. */
  protected detach(child: C): void {
    child.row = -1;
    child.cells = new Float64Array(this.rows.width);
    child.index = 0;
  }

  /**
   * Removes the series with these label values, where undefined matches any, of threads that have ended. Has no effect
   * while `collect` is running, which removes series only to set them again.
   */
  protected forgetEnded(values: readonly (string | undefined)[]): void {
    for (const { ended } of this.registries) {
      if (ended === undefined || this.rows.changes.isUpdating) continue;
      const labels: Record<string, string> = {};
      for (const [i, value] of values.entries()) if (value !== undefined) labels[this.series.labelNames[i]] = value;
      ended.forget({ family: this.name, labels });
    }
  }

  /** Whether threads that have ended may have recorded series of this family. Most programs have none. */
  protected get mayHaveEnded(): boolean {
    return this.registries.some(({ ended }) => ended !== undefined);
  }

  /** Removes a series; that of a family without labels starts again from 0. */
  protected drop(row: number): void {
    if (this.series.isLabeled) this.removeRow(row);
    else this.restart(this.childAt(row));
  }

  /** Removes a series, even that of a family without labels, which the next recording adds again. */
  protected removeRow(row: number): void {
    this.series.drop(row);
    this.exemplars.drop(row);
  }
}
