import type { FamilySnapshot } from '../model/family.js';
import { type SnapshotOptions, snapshotOf } from '../model/snapshot-of.js';
import type { Registrable } from './metric-registry.js';

/** What a family says at this moment, whatever kind of family it is. */
export function snapshotFrom(source: Registrable | FamilySnapshot, options?: SnapshotOptions): FamilySnapshot {
  if ('samples' in source) return source;
  return 'snapshot' in source ? source.snapshot() : snapshotOf(source, options);
}
