import { type Registry, register } from 'promark';
import { seriesOf } from '../../support/page.js';

async function allFaults(registry: Registry): Promise<number> {
  return (await seriesOf('promark_instrumentation_errors_total', registry)).reduce((sum, { value }) => sum + value, 0);
}

let before = 0;

/** Starts the count of `faults` for the default registry: clearing a registry does not reset its faults. */
export async function markFaults(): Promise<void> {
  before = await allFaults(register);
}

/** The number of instrumentation faults that a registry has counted during the test, at all places together. */
export async function faults(registry: Registry = register): Promise<number> {
  return (await allFaults(registry)) - (registry === register ? before : 0);
}

/** Counts of `method_calls_total` by result, for one method. */
export async function calls(method: string, registry: Registry = register): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { labels, value } of await seriesOf('method_calls_total', registry)) {
    if (labels.method === method && value > 0) counts[labels.result] = (counts[labels.result] ?? 0) + value;
  }
  return counts;
}
