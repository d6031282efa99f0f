import type { CellLayout, FamilyDescriptor } from '../model/descriptor.js';
import type { Exemplar } from '../model/exemplar.js';
import type { FamilyType } from '../model/family-types.js';
import type { Faults } from '../model/faults.js';
import type {
  LabelSpec,
  Labels,
  LabelValue,
  RecordingArguments,
  SeriesLabels,
  SeriesValues,
  SomeLabels,
} from '../model/labels.js';
import type { GroupReading, SampleShape } from '../model/live-family.js';
import { type Aggregator, type MetricObject, metricObject } from '../promclient/metric-object.js';
import type { FamilyLog } from '../store/row-changes.js';
import type { RowTable } from '../store/row-table.js';
import type { CellRange, Store } from '../store/store.js';
import { type ConfigPlan, checkConfig, type MetricConfig } from './config.js';
import { type ExemplarLabels, ExemplarShelf, type KeepExemplar, makeExemplar, sourcedLabels } from './exemplars.js';
import { INSPECT, inspectMetric } from './inspect.js';
import { LabelReader } from './label-reader.js';
import { type RowLayout, rowLayout } from './layout/rows.js';
import type { MergeableFamily } from './mergeable-family.js';
import { type MetricRegistry, type Registrable, registerIn, storeOf } from './metric-registry.js';
import { SeriesPublisher } from './series-publisher.js';
import { type Child, SeriesReader, SeriesTable } from './series-table.js';
import type { Sketch } from './sketch/sketch.js';
import type { WindowSlice } from './sketch/window.js';

export type { Child };

/** The label object of the series without labels. */
export const NO_LABELS: Readonly<Record<string, never>> = Object.freeze({});

const DEFAULT_MAX_SERIES = 10_000;

/** Types whose values are set. One that was never set is left out where several sources merge. */
const VALUES_ARE_SET: ReadonlySet<FamilyType> = new Set(['gauge', 'stateset']);

/** A metric with some labels given: everything that records and everything that looks series up, for the labels that are left. */
export type Curried<F> = Pick<
  F,
  Extract<
    keyof F,
    | 'name'
    | 'labelNames'
    | 'inc'
    | 'dec'
    | 'set'
    | 'setToCurrentTime'
    | 'setFunction'
    | 'observe'
    | 'state'
    | 'info'
    | 'startTimer'
    | 'time'
    | 'trackInProgress'
    | 'countExceptions'
    | 'labels'
    | 'remove'
    | 'removeMatching'
    | 'zero'
    | 'curry'
  >
>;

/** What distinguishes the families of one type. */
export interface FamilyPlan extends ConfigPlan {
  /** Cells of one series. */
  readonly width: number;
  /** Lines of one series. */
  readonly shape: readonly SampleShape[];
  /** How the lines come out of the cells. Default: each line is a cell. */
  readonly layout?: CellLayout;
  /**
   * Whether a child has no state besides its cells. Such children are made for one recording and forgotten,
   * unless they are handed out: they would take more memory than all else of a series. Default: false.
   */
  readonly transientChildren?: boolean;
}

/**
 * A family of series: its configuration, and what callers can do with its series. The series themselves are in a
 * `SeriesTable`; subclasses add what one type records.
 */
export abstract class Family<L extends LabelSpec, C extends Child>
  implements Extract<Registrable, { kind: 'live' }>, MergeableFamily
{
  readonly kind = 'live';
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  readonly type: FamilyType;
  readonly labelNames: readonly string[];
  readonly shape: readonly SampleShape[];
  readonly aggregator: Aggregator;
  readonly enableExemplars: boolean;
  /** Called before every page; the function that was given in the config. */
  collect: (() => void | Promise<void>) | undefined;

  /** The series without label values: all there is in a family without labels, and made on first use in others. */
  protected unlabelled: C | undefined;
  /** Where children get further cells. */
  protected readonly store: Store;
  protected readonly rows: RowTable;
  /** What children keep exemplars with; undefined where they are not enabled, so that recording need not ask. */
  protected readonly keepExemplar: KeepExemplar<C> | undefined;
  private readonly registries: readonly MetricRegistry[];
  private readonly series: SeriesTable<C>;
  private readonly children: readonly (C | undefined)[];
  private readonly labelReader: LabelReader;
  private readonly publisher: SeriesPublisher;
  private readonly exemplars = new ExemplarShelf();
  private readonly transientChildren: boolean;
  protected readonly cellLayout: RowLayout;
  /** Reads the exponential buckets of a row; undefined in families that have none. */
  protected readNative: GroupReading['readNative'];
  private readonly reader: SeriesReader;
  private readonly layout: CellLayout;
  private readonly maxSeries: number;

  constructor(config: MetricConfig<L, never>, plan: FamilyPlan) {
    const checked = checkConfig(config, plan);
    this.name = checked.name;
    this.help = checked.help;
    this.unit = checked.unit;
    this.type = plan.type;
    this.labelNames = checked.labelNames;
    this.shape = plan.shape;
    this.aggregator = checked.aggregator;
    this.enableExemplars = checked.enableExemplars;
    if (checked.enableExemplars) {
      this.keepExemplar = (child, line, value, given) => this.takeExemplar(child, line, value, given);
    }
    this.collect = checked.collect;
    this.registries = checked.registries;
    this.layout = plan.layout ?? { kind: 'cells' };
    this.transientChildren = plan.transientChildren ?? false;
    const maxSeries = checked.maxSeries ?? this.registries[0]?.maxSeries ?? DEFAULT_MAX_SERIES;
    this.maxSeries = maxSeries;
    this.cellLayout = rowLayout({ ...plan, layout: this.layout }, (row) => this.sketchesOf(row));
    this.series = new SeriesTable<C>({
      store: storeOf(this.registries),
      labelNames: this.labelNames,
      width: plan.width,
      lines: plan.shape.length,
      maxSeries,
      transientChildren: this.transientChildren,
      makeChild: (row) => this.makeChild(row),
      describeSeries: (row, log) => this.describeSeries(row, log),
      beginCells: VALUES_ARE_SET.has(plan.type) ? (cells, index) => this.cellLayout.begin?.(cells, index) : undefined,
      sharedMemoryEnded: () =>
        this.faults?.warn?.(
          'No shared memory can be allocated: new series are kept on the heap, and a server in its own thread has to ask ' +
            'this one for the values of their metrics.',
        ),
      removed: (child) => {
        if (this.unlabelled === child) this.unlabelled = undefined;
        this.detach(child);
      },
      overflowed: () => this.faults?.overflow(this.name, maxSeries),
    });
    this.rows = this.series.rows;
    this.reader = new SeriesReader(this.rows, this.cellLayout, plan.shape.length);
    this.store = this.rows.changes;
    this.children = this.series.children;
    this.labelReader = new LabelReader(this.name, this.labelNames, this.series.index);
    this.publisher = new SeriesPublisher(this.rows);
  }

  /** The last thing that the constructor of a concrete metric does: only a whole metric is registered. */
  protected register(): void {
    if (this.labelNames.length === 0) this.unlabelledChild();
    registerIn(this.registries, this);
  }

  /** Makes the object that records into a row. */
  protected abstract makeChild(row: number): C;

  /** The sketches that the quantiles of a row are read from. */
  protected sketchesOf(_row: number): readonly Sketch[] {
    return [];
  }

  /**
   * The child of a series: `labels('GET', '/')` or `labels({ method: 'GET', path: '/' })`. Keep it where it is hot:
   * recording on it looks nothing up. It lives until its series is removed; after that it records into the void.
   * Throws LabelError for a wrong number of values, an unknown label or a value that is no text.
   */
  labels(labels: SeriesLabels<L>): C;
  labels(...values: SeriesValues<L>): C;
  labels(...values: readonly unknown[]): C {
    const { length } = values;
    const first = values[0];
    if (length === 1 && typeof first === 'object' && first !== null) return this.series.pin(this.rowOf(first));
    const { labelReader } = this;
    // V8 makes no array of the arguments as long as each is read by a constant index and the array is passed to nobody.
    if (length > 0) labelReader.take(0, first);
    if (length > 1) labelReader.take(1, values[1]);
    if (length > 2) labelReader.take(2, values[2]);
    if (length > 3) labelReader.take(3, values[3]);
    if (length > 4) labelReader.take(4, values[4]);
    for (let i = 5; i < length; i++) labelReader.take(i, values[i]);
    const row = labelReader.rowOfTaken(length);
    return this.series.pin(row >= 0 ? row : this.admitLookedUp());
  }

  /** Takes a series off the page: `remove('GET', '/')` or `remove({ method: 'GET', path: '/' })`. */
  remove(labels: SeriesLabels<L>): void;
  remove(...values: SeriesValues<L>): void;
  remove(...values: readonly unknown[]): void {
    const row = this.series.index.find(this.labelReader.textsOf(values));
    if (row >= 0) this.drop(row);
  }

  /**
   * Takes every series off the page whose labels have all the given values; tells how many there were. The one of a
   * family without labels stays as it is.
   */
  removeMatching(labels: SomeLabels<L> | { readonly [label: string]: LabelValue }): number {
    const wanted = this.labelReader.partOfObject(labels);
    if (!this.series.isLabelled) return 0;
    let removed = 0;
    this.rows.forEachLive((row) => {
      const values = this.series.valuesOf(row);
      if (!wanted.every(([position, text]) => values[position] === text)) return;
      this.drop(row);
      removed += 1;
    });
    return removed;
  }

  /** Puts a series on the page at 0, or back to 0; without labels, the one of a family that has none. */
  zero(...labels: RecordingArguments<L, [labels: Labels<L>], []>): void;
  zero(labels?: object): void {
    const row = this.rowOf(labels ?? NO_LABELS);
    // What the overflow series holds is not that of the series that is meant.
    if (!this.series.isOverflow(row)) this.restart(this.childAt(row));
  }

  /**
   * Sets the family back: series of which somebody was handed a child start again from 0 and stay on the page, the
   * others leave it. The series of a family without labels stays.
   */
  reset(): void {
    this.rows.forEachLive((row) => {
      const child = this.children[row];
      if (child?.pinned === true) this.restart(child);
      else this.drop(row);
    });
  }

  /** The metric with all its values, as prom-client gives it. Runs `collect` first. */
  async get(): Promise<MetricObject> {
    await this.refresh?.();
    return metricObject(this);
  }

  /** @internal */
  [INSPECT](): string {
    return inspectMetric(this);
  }

  /** The number of series, the overflow series included. */
  get seriesCount(): number {
    return this.rows.liveCount;
  }

  get refresh(): (() => void | Promise<void>) | undefined {
    return this.collect;
  }

  get rowCount(): number {
    return this.rows.rowCount;
  }

  get groupRows(): number {
    return this.rows.groupRows;
  }

  readGroup(group: number, into: GroupReading): void {
    this.reader.readGroup(group, into);
    into.readNative = into.withNative ? this.readNative : undefined;
  }

  groupVersion(group: number): number {
    return this.rows.groupVersion(group);
  }

  get revision(): number {
    return this.rows.revision;
  }

  labelValues(row: number): readonly string[] | undefined {
    return this.rows.isLive(row) ? this.series.valuesOf(row) : undefined;
  }

  isNumeric(label: string, text: string): boolean {
    return this.series.index.dictionaries[this.labelNames.indexOf(label)]?.isNumeric(text) ?? false;
  }

  createdAt(row: number): number {
    return this.rows.startedAt(row);
  }

  exemplar(row: number, line: number): Exemplar | undefined {
    return this.exemplars.get(row, line);
  }

  isSet(row: number): boolean {
    const { cells, index } = this.rows.at(row);
    return this.cellLayout.isSet?.(cells, index) ?? true;
  }

  lastSetAt(_row: number): number {
    return 0;
  }

  windowOf(_row: number): readonly WindowSlice[] {
    return [];
  }

  /** Whether other threads of this process can read the cells. */
  get isShared(): boolean {
    return this.store.shared === true;
  }

  /** What strangers have to know to read the cells. */
  get descriptor(): FamilyDescriptor {
    const { name, type, help, unit, labelNames, shape, groupRows, layout: reading, aggregator, maxSeries } = this;
    return {
      name,
      type,
      help,
      unit,
      labelNames,
      shape,
      groupRows,
      layout: reading,
      aggregator,
      maxSeries,
      width: this.rows.width,
    };
  }

  /** Writes the existing series to a log, step by step; a log that follows misses nothing meanwhile. */
  describe(log: FamilyLog): Iterable<void> {
    return this.publisher.describe(log);
  }

  /** From now on writes to a log what is added and removed. */
  follow(log: FamilyLog): void {
    this.publisher.follow(log);
  }

  unfollow(log: FamilyLog): void {
    this.publisher.unfollow(log);
  }

  /** Keeps readers elsewhere at the series that there are until the returned function is called. */
  beginUpdate(): () => void {
    return this.rows.changes.beginUpdate();
  }

  /** The same family with some labels given: the same series, read through another LabelReader. */
  protected curried(labels: object): object {
    const labelReader = this.labelReader.curry(labels);
    const { labelNames } = labelReader;
    const own = { labelReader, labelNames, unlabelled: undefined, kind: 'curried' };
    return Object.assign(Object.create(Object.getPrototypeOf(this)), this, own);
  }

  /** The row of a label object; its series is added if it is new. */
  protected rowOf(labels: object): number {
    const row = this.labelReader.rowOfObject(labels);
    return row >= 0 ? row : this.admitLookedUp();
  }

  /** Adds the series that was looked up last. */
  private admitLookedUp(): number {
    const texts = this.labelReader.lookedUp();
    if (texts.length > 0 && texts.every((text) => text === '')) {
      this.faults?.warn?.(
        `Metric "${this.name}" was given a value for none of its labels (${this.labelNames.join(', ')}), which makes a ` +
          'series without labels. Pass them with each call.',
      );
    }
    const row = this.series.admit(texts);
    this.labelReader.markNumbers();
    return row;
  }

  /** The child of a label object, for immediate use; its series is added if it is new. */
  protected child(labels: object): C {
    return this.childAt(this.rowOf(labels));
  }

  /**
   * The child whose labels are those of another one with some put over them; where that one was removed, itself.
   * @internal
   */
  siblingOf(child: C, labels: object): C {
    if (child.row < 0) return child;
    const values = this.series.valuesOf(child.row);
    const own = Object.fromEntries(this.labelNames.map((label, i) => [label, values[i]]));
    return this.child(Object.assign(own, labels));
  }

  /** The child without label values, made where it is new. */
  protected unlabelledChild(): C {
    const row = this.rowOf(NO_LABELS);
    const child = this.series.pin(row);
    // The overflow series takes its place only until there is room.
    // A curried family is not notified when its series is removed.
    if (!this.series.isOverflow(row) && !this.labelReader.isCurried) this.unlabelled = child;
    return child;
  }

  /** The child of a row, for immediate use: unless it is kept, it does not learn that its series was removed. */
  protected childAt(row: number): C {
    return this.children[row] ?? this.makeChild(row);
  }

  /** Removes the series whose child meets a condition, and tells which children are left behind. */
  protected dropWhere(condition: (child: C) => boolean, left: (child: C, values: readonly string[]) => void): void {
    this.rows.forEachLive((row) => {
      const child = this.childAt(row);
      if (!condition(child)) return;
      left(child, this.series.valuesOf(row));
      this.drop(row);
    });
  }

  /** Where faults of this family are counted and logged. */
  get faults(): Faults | undefined {
    return this.registries[0]?.faults;
  }

  /** Replaces the exemplar of a line of a series. */
  protected putExemplar(child: C, line: number, exemplar: Exemplar): void {
    this.exemplars.put(child.row, line, exemplar);
    this.publisher.exemplar(child.row, line, exemplar);
    this.rows.touch(child.row);
  }

  /** Writes to a log the cells that a series has besides those of its row. */
  protected describeParts(_child: C, _log: FamilyLog): void {}

  /** Tells all logs of cells that a series gets later. */
  protected tellPart(child: C, key: readonly number[], run: CellRange): void {
    this.publisher.part(child.row, key, run);
  }

  /** Sets a series back to its start. */
  protected restart(child: C): void {
    this.rows.zero(child.row, Date.now());
    if (this.exemplars.drop(child.row)) this.publisher.forgetExemplars(child.row);
  }

  /** Lets a child that somebody may still hold record where nobody reads. */
  protected detach(child: C): void {
    child.row = -1;
    child.cells = new Float64Array(this.rows.width);
    child.index = 0;
  }

  /** Takes the exemplar that was given or, where none was, the source's; what cannot be used is counted, never thrown. */
  private takeExemplar(child: C, line: number, value: number, given: ExemplarLabels | undefined): void {
    if (child.row < 0) return;
    try {
      const labels = given ?? sourcedLabels();
      const exemplar = labels && makeExemplar(labels, value, this.name);
      // The source, or a getter, may have removed the series.
      if (exemplar !== undefined && child.row >= 0) this.putExemplar(child, line, exemplar);
    } catch (error) {
      this.faults?.instrumentation(`exemplar of ${this.name}`, error);
    }
  }

  private describeSeries(row: number, log: FamilyLog): void {
    log.series(row, this.rows.startedAt(row), this.series.valuesOf(row));
    if (!this.transientChildren) this.describeParts(this.childAt(row), log);
    this.exemplars.visit(row, (line, exemplar) => log.exemplar(row, line, exemplar));
  }

  private drop(row: number): void {
    if (!this.series.isLabelled) {
      this.restart(this.childAt(row));
      return;
    }
    this.series.drop(row);
    this.exemplars.drop(row);
  }
}
