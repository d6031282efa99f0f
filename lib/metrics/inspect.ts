import type { FamilySnapshot, Sample } from '../model/family.js';
import type { LiveFamily, SnapshotFamily } from '../model/live-family.js';
import { snapshotOf } from '../model/snapshot-of.js';

/** How many samples are shown. */
const SHOWN = 5;

interface Inspected {
  readonly name: string;
  readonly type: string;
  readonly labelNames: readonly string[];
  readonly seriesCount?: number;
}

/** What `console.log` prints for a metric: its type, name and labels, and its first samples. */
export function inspectMetric(
  metric: Inspected & (LiveFamily | SnapshotFamily | { readonly kind: 'curried' }),
): string {
  const { name, type, labelNames, seriesCount, kind } = metric;
  const labels = labelNames.length === 0 ? 'no labels' : `labels: ${labelNames.join(', ')}`;
  if (kind === 'curried') return `${type} "${name}" with some labels given (${labels} left)`;
  // More rows are read than are shown, because some may hold no series.
  const { samples } = snapshotOf(metric, { to: 10 * SHOWN });
  const count = seriesCount ?? samples.length;
  const lines = samples.slice(0, SHOWN).map(lineOf);
  if (samples.length > SHOWN || count > 10 * SHOWN) lines.push('…');
  return [`${type} "${name}" (${labels}; ${count} series)`, ...lines].join('\n  ');
}

/** What `console.log` prints for a child: the samples of its series. */
export function inspectChild(family: { readonly name: string }, row: number): string {
  if (row < 0) return `series of "${family.name}", removed`;
  if (!isLive(family)) return `series of "${family.name}"`;
  const { samples }: FamilySnapshot = snapshotOf(family, { from: row, to: row + 1 });
  const lines = samples.slice(0, SHOWN).map(lineOf);
  if (samples.length > SHOWN) lines.push('…');
  return [`series of ${family.type} "${family.name}"`, ...lines].join('\n  ');
}

function isLive(family: { readonly name: string }): family is LiveFamily {
  return 'readGroup' in family;
}

function lineOf({ name, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}
