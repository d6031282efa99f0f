import { JSON_TYPE, MANIFEST_TYPE } from '../model/content-types.js';
import type { FamilyHead, FamilySnapshot, Sample } from '../model/family.js';
import type { FamilySource, LiveFamily } from '../model/live-family.js';
import { manifestOf } from '../model/manifest.js';
import { snapshotOf } from '../model/snapshot-of.js';
import { type Format, headIn, labelNameIn, type Variant, withDefaults } from './format.js';

/** Families are the elements of a list, under their own names. */
const LIST = { begin: '[', between: ',\n', end: ']\n', isEscaped: false };

/** Families as `FamilySnapshot`s. */
export const json: Format = {
  ...LIST,
  contentType: JSON_TYPE,
  prepare: (family, variant) => ({ pieces: () => livePieces(family, variant) }),
  write: (family, variant) => Buffer.from(`${opening(family, variant)}${samplesText(family, variant)}${CLOSING}`),
};

/** Families without their values. */
export const manifest: Format = {
  ...LIST,
  contentType: MANIFEST_TYPE,
  prepare: (family, variant) => ({ pieces: () => [described(family, variant)] }),
  write: (_, variant, source) => described(source, variant),
};

/** Returns the JSON of a value. NaN and infinities become strings that `Number` can parse. */
export function jsonText(value: unknown, space?: number): string {
  return JSON.stringify(
    value,
    (_, part: unknown) => (typeof part === 'number' && !Number.isFinite(part) ? String(part) : part),
    space,
  );
}

const CLOSING = ']}';

function opening(head: FamilyHead, variant: Variant): string {
  return `${JSON.stringify(headIn(variant, head)).slice(0, -1)},"samples":[`;
}

/** Writes a family group by group, because it may have a hundred thousand series. */
function* livePieces(family: LiveFamily, variant: Variant): Generator<Uint8Array> {
  for (const _ of family.prepare?.(true) ?? []) yield Buffer.alloc(0);
  const { groupRows, rowCount } = family;
  let start = opening(family, variant);
  for (let from = 0; from < rowCount; from += groupRows) {
    const text = samplesText(snapshotOf(family, { from, to: from + groupRows, created: variant.created }), variant);
    if (text === '') continue;
    yield Buffer.from(start + text);
    start = ',';
  }
  yield Buffer.from(start === ',' ? CLOSING : start + CLOSING);
}

function samplesText(family: FamilySnapshot, variant: Variant): string {
  return family.samples.map((sample) => jsonText(sampleIn(variant, family, sample))).join(',');
}

function sampleIn(variant: Variant, family: FamilyHead, sample: Sample): Sample {
  const pairs = Object.entries(sample.labels).map(
    ([label, value]) => [labelNameIn(variant, family, label), value] as const,
  );
  const labels = Object.fromEntries(withDefaults(variant, pairs));
  return { ...sample, name: variant.prefix + sample.name, labels };
}

function described(source: FamilySource, { prefix }: Variant): Uint8Array {
  return Buffer.from(JSON.stringify(manifestOf([source], prefix)[0]));
}
