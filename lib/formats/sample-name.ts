import type { FamilyHead } from '../model/family.js';

/** Suffixes that belong to the format: they are never escaped with the name. */
const SUFFIXES = ['_bucket', '_sum', '_count', '_gsum', '_gcount', '_created', '_info', ''];

/** The family's name and what a sample's name adds to it. */
export function splitSampleName(family: FamilyHead, sample: string): { stem: string; suffix: string } {
  const stem = family.type === 'counter' && sample !== family.name ? family.name.replace(/_total$/, '') : family.name;
  const suffix = SUFFIXES.find((candidate) => stem + candidate === sample);
  return suffix === undefined ? { stem: sample, suffix: '' } : { stem, suffix };
}
