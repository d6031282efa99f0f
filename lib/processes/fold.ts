import { combinationOf } from '../model/combination.js';
import type { FamilySnapshot } from '../model/family.js';
import { TYPE_RULES } from '../model/family-types.js';
import { snapshotSource } from '../model/live-family.js';
import { builtin } from '../model/load-at-runtime.js';
import { EVERYTHING, Kind, type MirrorSettings, snapshotToData } from '../replica/journal-format.js';
import { FoldedFamily, type FoldedSeries, MAX_PER_SOURCE } from '../replica/merge/folded-family.js';
import { mergedSnapshot } from '../replica/merge/merged-snapshot.js';
import type { MergeSource } from '../replica/merge/source.js';
import { FamilyRecords, Generation } from '../replica/publish/generation.js';
import { HeapStore } from '../store/store.js';
import { describeFolded } from './describe-folded.js';
import { BlockKind } from './file-format.js';
import { FileMemory } from './file-memory.js';
import type { Accumulator, FileSource, FoldedDescriptor } from './file-source.js';
import { accumulatorName, type Folder } from './folder.js';
import { newIdentity } from './identity.js';
import { socketName } from './liveness-socket.js';
import { crashPoint, fileName, ProcessFile, removeFile } from './process-file.js';

const fs = builtin('node:fs');
const join = builtin('node:path').join;

/**
 * Folds ended processes and the current accumulator into a new accumulator, then removes their files. Any process may
 * do this at any time, and may crash at any point: a single system call names the next accumulator, and succeeds in
 * only one process. The accumulator lists the ids of the files folded into it, so that files that could not be removed
 * are not counted twice. Returns whether this process succeeded.
 */
export function fold(
  folder: Folder,
  accumulator: Accumulator | undefined,
  dead: readonly FileSource[],
  existing: ReadonlySet<string>,
): boolean {
  const ids = dead.flatMap(({ reader: { identity } }) => [
    identity.id,
    ...(identity.replaces ? [identity.replaces] : []),
  ]);
  // Ids folded earlier matter as long as their files exist.
  const before = [...(accumulator?.absorbed ?? [])].filter((id) => existing.has(id));
  const absorbed = [...new Set([...before, ...ids])];
  const file = new ProcessFile(folder.path, newIdentity(), 'final');
  const next = (accumulator?.number ?? 0) + 1;
  try {
    const sources = [...(accumulator?.sources ?? []), ...dead];
    write(file, accumulatedFamilies(sources), accumulatedSnapshots(sources), absorbed);
    crashPoint.reached('folded');
    const path = join(folder.path, accumulatorName(next));
    if (!link(file.temporaryPath, path)) return false;
    crashPoint.reached('linked');
    if (!isNewest(folder, next)) {
      removeFile(path);
      return false;
    }
  } finally {
    file.remove();
    file.close();
  }
  for (const id of absorbed) {
    removeFile(join(folder.path, socketName(id)));
    removeFile(join(folder.path, fileName(id)));
    crashPoint.reached('removed');
  }
  removeOlder(folder, next);
  return true;
}

/**
 * Whether the new accumulator is the newest and its predecessor still exists. Otherwise, others have folded twice in
 * the meantime: the name had become free again, and the new accumulator lacks what they folded. Older accumulators are
 * removed in order, so by the time a name is free again, its predecessor is gone.
 */
function isNewest(folder: Folder, number: number): boolean {
  if (number > 1 && !fs.existsSync(join(folder.path, accumulatorName(number - 1)))) return false;
  // A listing may miss files that appear or vanish in the meantime.
  return [1, 2, 3].every(() => folder.list().accumulator === number);
}

function removeOlder(folder: Folder, number: number): void {
  const older = folder
    .list()
    .accumulators.filter((other) => other < number)
    .sort((a, b) => a - b);
  for (const other of older) {
    removeFile(join(folder.path, accumulatorName(other)));
    crashPoint.reached('older');
  }
}

/** A family of ended processes. */
interface AccumulatedFamily {
  readonly descriptor: FoldedDescriptor;
  readonly series: readonly FoldedSeries[];
}

function accumulatedFamilies(sources: readonly MergeSource[]): AccumulatedFamily[] {
  const all = new Map<string, { readonly descriptor: FoldedDescriptor; readonly folded: FoldedFamily }>();
  for (const source of sources) {
    for (const { family } of source.families()) {
      if (family.kind === 'snapshot') continue;
      const { liveOnly, perSource, by } = combinationOf(family.descriptor);
      if (liveOnly || by === 'omit') continue;
      const { source: _, groupRows, ...definition } = family.descriptor as FoldedDescriptor;
      const ownSource = perSource ? { source: source.labels } : {};
      const key = JSON.stringify([definition, ownSource]);
      const descriptor = { ...definition, groupRows, ...ownSource };
      const ended = all.get(key) ?? { descriptor, folded: new FoldedFamily(descriptor, []) };
      all.set(key, ended);
      ended.folded.fold(family, {});
    }
  }
  return limited([...all.values()].map(({ descriptor, folded }) => ({ descriptor, series: folded.series() })));
}

/** Adds up the totals yielded by collectors. Other snapshots are gone when their process ends. */
function accumulatedSnapshots(sources: readonly MergeSource[]): FamilySnapshot[] {
  const all = new Map<string, FamilySnapshot>();
  for (const { family } of sources.flatMap((source) => source.families())) {
    if (family.kind !== 'snapshot' || !TYPE_RULES[family.type].cumulative) continue;
    const key = JSON.stringify([family.name, family.type]);
    const known = all.get(key);
    const snapshots = known === undefined ? [family] : [snapshotSource(known), family];
    all.set(key, mergedSnapshot(snapshots).snapshot());
  }
  return [...all.values()];
}

/** Drops the oldest families that are kept per process, if they have too many series. */
function limited(families: readonly AccumulatedFamily[]): AccumulatedFamily[] {
  let perSource = families.filter(isPerSource).reduce((sum, { series }) => sum + series.length, 0);
  return families.filter((family) => {
    if (!isPerSource(family) || perSource <= MAX_PER_SOURCE) return true;
    perSource -= family.series.length;
    return false;
  });
}

function isPerSource({ descriptor }: AccumulatedFamily): boolean {
  return descriptor.source !== undefined;
}

function write(
  file: ProcessFile,
  families: readonly AccumulatedFamily[],
  snapshots: readonly FamilySnapshot[],
  absorbed: readonly string[],
): void {
  const memory = new FileMemory(file);
  const generation = new Generation(1, memory.begin(1));
  // The clock of an accumulator starts at the epoch.
  const clockOrigin = Number(process.hrtime.bigint()) - Date.now() * 1e6;
  const settings: MirrorSettings = { prefix: '', defaultLabels: [], created: false, openMetrics2: false, clockOrigin };
  generation.write(Kind.SETTINGS, EVERYTHING, (record) => record.string(JSON.stringify(settings)));
  const store = new HeapStore();
  for (const [number, { descriptor, series }] of families.entries()) {
    generation.admit(number);
    const serialized = JSON.stringify(descriptor);
    generation.write(Kind.FAMILY, number, (record) => record.string(serialized));
    describeFolded(descriptor, series, store, new FamilyRecords(generation, number));
    generation.write(Kind.SHOWN, number, (record) => record.int(0));
  }
  for (const [i, snapshot] of snapshots.entries()) {
    const number = families.length + i;
    generation.admit(number);
    const data = JSON.stringify(snapshotToData(snapshot));
    generation.write(Kind.SNAPSHOT, number, (record) => record.string(data));
    generation.write(Kind.SHOWN, number, (record) => record.int(0));
  }
  generation.commit();
  if (generation.isBroken) throw memory.failure;
  if (absorbed.length > 0) {
    const block = file.add(BlockKind.ABSORBED, 0, absorbed.length * 16);
    file.write(block, Buffer.from(absorbed.join(''), 'hex'), 0);
  }
  memory.commit(Date.now(), true);
}

function link(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
