import { AssertionError } from 'node:assert';
import { type FamilySnapshot, type Registry, register, type Sample } from '../index.js';
import { show } from '../model/errors.js';
import { familiesOf, findSample, type SampleLabels, samplesOf } from './samples.js';

/** The properties of a promark metric that `of` uses. */
export interface ReadMetric {
  readonly name: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

/** The changes that a body makes to metrics. */
export interface Change {
  /**
   * Returns by how much the body changed a series: the value of a counter or gauge, or the number of observations of a
   * histogram or summary. A series that did not exist before counts from 0. The first call runs the body; further calls
   * refer to the same run.
   *
   * Rejects with the error thrown by the body; with AssertionError if the registry does not have the metric or the
   * metric does not have the labels.
   *
   * @param metric A metric, or the name of a sample on the page, such as `job_seconds_sum`.
   */
  of(metric: ReadMetric | string, labels?: SampleLabels): Promise<number>;
}

/**
 * Measures the changes that a body makes, for metrics on which other tests record too.
 *
 * @param registry The registry of the metrics. Default: the default registry, `register`.
 *
 * @example assert.equal(await change(() => shop.order()).of(orders, { tier: 'gold' }), 1);
 *
 * @example
 * const ordering = change(() => shop.order());
 * assert.equal(await ordering.of(orders), 1);
 * assert.equal(await ordering.of('payments_total', { method: 'card' }), 1);
 */
export function change(body: () => unknown, registry: Registry = register): Change {
  if (typeof body !== 'function') fail(`change() takes a function, got ${show(body)}.`);
  let run: Promise<Run> | undefined;
  return {
    async of(metric, labels = {}) {
      run ??= runBetweenReads(body, registry);
      const { before, after } = await run;
      const read = typeof metric === 'string' ? byName(metric, labels) : byMetric(metric, labels, registry);
      return read(after) - read(before);
    },
  };
}

interface Run {
  readonly before: readonly FamilySnapshot[];
  readonly after: readonly FamilySnapshot[];
}

async function runBetweenReads(body: () => unknown, registry: Registry): Promise<Run> {
  const before = await familiesOf(registry);
  await body();
  return { before, after: await familiesOf(registry) };
}

type ReadValue = (families: readonly FamilySnapshot[]) => number;

function byName(name: string, labels: SampleLabels): ReadValue {
  return (families) => findSample(samplesOf(families), name, labels)?.value ?? 0;
}

function byMetric({ name, type, labelNames }: ReadMetric, labels: SampleLabels, registry: Registry): ReadValue {
  const known = registry.manifest().find((family) => family.name.endsWith(name) && family.type === type);
  if (registry.getSingleMetric(name) === undefined || known === undefined) {
    fail(`The registry has no ${type} "${name}". Pass the registry that has it: change(body, registry).`);
  }
  const unknown = Object.keys(labels).find((label) => !labelNames.includes(label));
  if (unknown !== undefined) {
    const has = labelNames.length === 0 ? 'no labels' : `the labels ${labelNames.join(', ')}`;
    fail(`"${name}" has no label "${unknown}"; it has ${has}.`);
  }
  const countsObservations = type === 'histogram' || type === 'summary';
  const sampleName = known.name + (countsObservations ? '_count' : '');
  // Ignores the default labels of the registry.
  const isSeries = (sample: Sample): boolean =>
    sample.name === sampleName &&
    labelNames.every((label) => (sample.labels[label] ?? '') === String(labels[label] ?? ''));
  return (families) => samplesOf(families).find(isSeries)?.value ?? 0;
}

function fail(message: string): never {
  throw new AssertionError({ message, operator: 'change', stackStartFn: fail });
}
