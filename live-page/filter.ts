import type { Family } from './families.js';
import { SeriesMemo } from './memo.js';

/** A parsed filter: words in names and label values, and `label=value` pairs. */
export interface Filter {
  readonly words: readonly string[];
  readonly labels: readonly (readonly [label: string, value: string])[];
}

export function parseFilter(text: string): Filter {
  const parts: readonly string[] = text.match(/[^\s"]*"[^"]*"|\S+/g) ?? [];
  const [words, labels]: [string[], [string, string][]] = [[], []];
  for (const part of parts) {
    const [, label, value] = /^([^="]+)="?([^"]*)"?$/.exec(part) ?? [];
    if (label === undefined) words.push(part.toLowerCase());
    else labels.push([label, value]);
  }
  return { words, labels };
}

/** Whether each word is in the family's name or a label value of the row, and each label has the given value. */
export function matchesRow(family: Family, row: number, { words, labels }: Filter): boolean {
  if (words.length === 0 && labels.length === 0) return true;
  const pairs = family.labelsOf(row);
  if (!labels.every(([label, value]) => pairs.some(([name, text]) => name === label && text === value))) return false;
  const name = family.head.name.toLowerCase();
  return words.every((word) => name.includes(word) || pairs.some(([, text]) => text.toLowerCase().includes(word)));
}

const matching = new SeriesMemo<readonly number[]>();

/** Returns the matching rows, all rows if the words match the family itself, or undefined if nothing matches. */
export function matchingRows(family: Family, filter: Filter): readonly number[] | undefined {
  const { words, labels } = filter;
  if (words.length === 0 && labels.length === 0) return family.live;
  const rows = matching.of(family, filter, () => family.live.filter((row) => matchesRow(family, row, filter)));
  if (rows.length > 0) return rows;
  const name = `${family.head.name} ${family.head.help}`.toLowerCase();
  return filter.labels.length === 0 && filter.words.every((word) => name.includes(word)) ? family.live : undefined;
}

/** Adds a label to a filter, or removes it. */
export function toggled(text: string, label: string, value: string): string {
  const part = `${label}=${/\s/.test(value) ? `"${value}"` : value}`;
  const parts: readonly string[] = text.match(/[^\s"]*"[^"]*"|\S+/g) ?? [];
  return parts.includes(part) ? parts.filter((other) => other !== part).join(' ') : [...parts, part].join(' ');
}
