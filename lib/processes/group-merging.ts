import type { PageFamilies, PageScope } from '../formats/page-renderer.js';
import type { FamilySnapshot } from '../model/family.js';
import { type FamilySource, gathered } from '../model/live-family.js';
import { counterFamily, gaugeFamily } from '../registry/collector.js';
import type { PageMerging, Registry } from '../registry/registry.js';
import { OwnSource } from '../replica/merge/page-merger.js';
import type { MergeSource } from '../replica/merge/source.js';
import { SourceMerger } from '../replica/merge/source-merger.js';
import { FileSource } from './file-source.js';
import type { Group } from './group.js';
import type { RegistryFile } from './registry-file.js';

/** The own process of a group, whose values need not be read from its file. */
export interface OwnProcess {
  readonly labels: Readonly<Record<string, string>>;
  readonly startedAt: number;
  /** Its file; undefined if it only shows what others have counted. */
  readonly file: RegistryFile | undefined;
  /** Seconds between two writes of the file; 0 if it is mapped. */
  readonly window: number;
}

/** Merges what the processes of a group have counted into the pages of a registry. */
export class GroupMerging implements PageMerging {
  private readonly merger: SourceMerger;
  private readonly source: OwnSource;
  private isFolding = false;

  constructor(
    registry: Registry,
    private readonly group: Group,
    private readonly own: OwnProcess,
  ) {
    this.merger = new SourceMerger(Object.keys(own.labels), registry.faults);
    this.source = new OwnSource(own.labels, own.startedAt);
  }

  async merge(
    families: PageFamilies,
    selects: (family: FamilySource) => boolean,
    scope: PageScope | undefined,
  ): Promise<PageFamilies> {
    const sources = scope === 'thread' ? [] : await this.group.read();
    const others = scope === undefined ? sources : sources.filter(isOfThisProcess);
    const alone = this.source.set(families);
    const { metrics, collected, trailing } = this.merger.merge([this.source, ...others], selects);
    this.foldSoon();
    const about = scope === undefined ? this.about().map(gathered).filter(selects) : [];
    return { metrics: [...metrics, ...alone], collected, trailing: [...trailing, ...about] };
  }

  /** Folds what is dead after the page is made, so that no scrape waits for it. */
  private foldSoon(): void {
    if (this.isFolding || !this.group.all.some(({ isDead }) => isDead)) return;
    this.isFolding = true;
    setImmediate(() => {
      this.isFolding = false;
      this.group.fold();
    });
  }

  /** Families about the group itself. */
  private about(): FamilySnapshot[] {
    const { group, own } = this;
    const isMember = own.file !== undefined;
    return [
      gaugeFamily(
        'promark_multiprocess_processes',
        'Processes of the group that are running',
        group.living + (isMember ? 1 : 0),
      ),
      gaugeFamily('promark_multiprocess_left_out_files', 'Files in the folder that cannot be read', group.leftOut),
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
      ...(isMember
        ? [
            seconds(
              'promark_multiprocess_buffered_window_seconds',
              'How much counting is lost at most if this process is killed; 0 if none is',
              own.file?.isMapped === true ? 0 : own.window,
            ),
          ]
        : []),
    ];
  }
}

function seconds(name: string, help: string, value: number): FamilySnapshot {
  return { ...gaugeFamily(name, help, value), unit: 'seconds' };
}

function isOfThisProcess(source: MergeSource): boolean {
  return source instanceof FileSource && source.isAlive && source.reader.identity.pid === process.pid;
}
