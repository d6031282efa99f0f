import type { PageFamilies, PageScope } from '../formats/page-renderer.js';
import type { FamilySnapshot } from '../model/family.js';
import { type FamilySource, snapshotSource } from '../model/live-family.js';
import { counterFamily, gaugeFamily } from '../registry/collector.js';
import type { PageMerging } from '../registry/gatherer.js';
import { OwnSource } from '../replica/merge/page-merger.js';
import type { MergeSource } from '../replica/merge/source.js';
import { type MergeFaults, SourceMerger } from '../replica/merge/source-merger.js';
import { FileSource } from './file-source.js';
import { Folder } from './folder.js';
import { Group, type GroupFaults } from './group.js';
import type { GroupView } from './group-view.js';
import { labelsBy } from './identity.js';

/** Merges the values of a group's processes into a registry's pages, in the registry's own thread or another one. */
export class GroupMerging implements PageMerging {
  readonly group: Group;
  private readonly merger: SourceMerger;
  private readonly source: OwnSource;
  private isFolding = false;

  constructor(
    /** The view of the registry's own process. Only its `ids` and `writeIntervalSeconds` may change. */
    public view: GroupView,
    faults: GroupFaults & MergeFaults,
  ) {
    const { dir, workerLabel, worker, startedAt } = view;
    this.group = new Group(new Folder(dir, true), () => this.view.ids, labelsBy(workerLabel), faults);
    this.merger = new SourceMerger([workerLabel], faults);
    this.source = new OwnSource({ [workerLabel]: worker }, startedAt);
  }

  async merge(
    families: PageFamilies,
    selects: (family: FamilySource) => boolean,
    scope: PageScope | undefined,
  ): Promise<PageFamilies> {
    const sources = scope === 'thread' ? [] : await this.group.read();
    const others = scope === undefined ? sources : sources.filter(isOfThisProcess);
    const unmergeable = this.source.set(families);
    const { metrics, collected, trailing } = await this.merger.merge([this.source, ...others], selects);
    this.foldSoon();
    const groupFamilies = scope === undefined ? this.groupFamilies().map(snapshotSource).filter(selects) : [];
    return { metrics: [...metrics, ...unmergeable], collected, trailing: [...trailing, ...groupFamilies] };
  }

  describeScope(): string | undefined {
    return this.processes === 1 ? undefined : `all ${this.processes} processes`;
  }

  /** Number of running processes of the group. */
  private get processes(): number {
    return this.group.liveProcesses + (this.view.writeIntervalSeconds === undefined ? 0 : 1);
  }

  /** Folds ended processes after the page is rendered, so that no scrape waits for it. */
  private foldSoon(): void {
    if (this.isFolding || !this.group.all.some(({ isDead }) => isDead)) return;
    this.isFolding = true;
    setImmediate(() => {
      this.isFolding = false;
      this.group.fold();
    });
  }

  /** Families about the group itself; none before a process has joined it, as in a cluster without workers. */
  private groupFamilies(): FamilySnapshot[] {
    const { group } = this;
    const { writeIntervalSeconds } = this.view;
    if (writeIntervalSeconds === undefined && group.liveProcesses + group.excluded + group.folded === 0) return [];
    return [
      gaugeFamily('promark_multiprocess_processes', 'Processes of the group that are running', this.processes),
      gaugeFamily('promark_multiprocess_left_out_files', 'Files in the folder that cannot be read', group.excluded),
      counterFamily(
        'promark_multiprocess_folded_total',
        'Processes that have ended and whose values this process has added up',
        group.folded,
      ),
      ...(group.lastFoldSeconds === undefined
        ? []
        : [
            seconds(
              'promark_multiprocess_last_fold_seconds',
              'How long it took to add up the values of processes that had ended',
              group.lastFoldSeconds,
            ),
          ]),
      ...(writeIntervalSeconds === undefined
        ? []
        : [
            seconds(
              'promark_multiprocess_buffered_window_seconds',
              'Maximum time whose recordings are lost if this process is killed; 0 if nothing is lost',
              writeIntervalSeconds,
            ),
          ]),
    ];
  }
}

function seconds(name: string, help: string, value: number): FamilySnapshot {
  return { ...gaugeFamily(name, help, value), unit: 'seconds' };
}

function isOfThisProcess(source: MergeSource): boolean {
  return source instanceof FileSource && source.isAlive && source.reader.identity.pid === process.pid;
}
