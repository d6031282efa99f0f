import type { CollectorScope } from './scope.js';
import { sharedReading } from './shared-reading.js';

/** What is counted, in the words of its help texts. */
export interface ActiveCounts {
  readonly name: string;
  readonly help: string;
  readonly totalHelp: string;
}

/**
 * Two gauges of what keeps the event loop alive: `<name>{type}`, and their sum `<name>_total`, a name that promtool
 * refuses for a gauge and that is therefore kept only among the legacy names.
 */
export function reportActive(scope: CollectorScope, counts: ActiveCounts, types: () => readonly string[]): void {
  const reading = sharedReading(types);

  scope.gauge({ name: counts.name, help: counts.help, labelNames: ['type'] }, (set) => {
    const byType = new Map<string, number>();
    for (const type of reading()) byType.set(type, (byType.get(type) ?? 0) + 1);
    for (const [type, count] of byType) set(count, type);
  });
  if (!scope.options.legacyNames) return;
  scope.gauge({ name: `${counts.name}_total`, help: counts.totalHelp }, (set) => set(reading().length));
}

/** The name of the class of each object, as prom-client has them for `type`. */
export function classNames(objects: readonly unknown[]): string[] {
  return objects.map((object) => {
    const name = (object as { readonly constructor?: { readonly name?: unknown } } | null | undefined)?.constructor
      ?.name;
    return typeof name === 'string' && name !== '' ? name : 'unknown';
  });
}
