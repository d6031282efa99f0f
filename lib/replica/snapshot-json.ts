import type { FamilySnapshot } from '../model/family.js';

/** A snapshot as plain data. JSON has no NaN, no infinities and no negative zero, so values are written as texts. */
export function snapshotToData(snapshot: FamilySnapshot): unknown {
  const samples = snapshot.samples.map((sample) => ({ ...sample, value: textOf(sample.value) }));
  return { ...snapshot, samples };
}

export function snapshotFromData(data: unknown): FamilySnapshot {
  const snapshot = data as FamilySnapshot;
  return { ...snapshot, samples: snapshot.samples.map((sample) => ({ ...sample, value: Number(sample.value) })) };
}

function textOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
