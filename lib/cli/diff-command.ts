import { pluralize } from '../model/errors.js';
import { type FamilyManifest, type MethodObjective, methodName } from '../model/manifest.js';
import { type Command, CommandError, choiceOption, EXIT } from './command.js';
import { loadSource, SOURCE_HELP, SOURCE_OPTIONS } from './source/source.js';
import { sanitize } from './terminal.js';

/** A change to a family between two deploys. */
interface FamilyChange {
  readonly metric: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** What has changed, after the name of the metric: `is new (counter)`. */
  readonly what: string;
  /** Whether queries, dashboards or alerts on the old family would return less or other data. */
  readonly breaking: boolean;
}

const FAIL_ON = ['breaking', 'any', 'never'] as const;

export const diffCommand: Command = {
  name: 'diff',
  summary: 'what a deploy changes in families, types, labels and buckets',
  operands: '<old source> <new source>',
  description: `Compares two programs or two versions of one: families that come and go, types, units, labels, buckets, quantiles
and objectives. What breaks queries, dashboards or alerts is marked with !.

${SOURCE_HELP}`,
  examples: [
    'promark diff before.json after.json',
    'promark diff --fail-on any https://live.example.org/metrics http://localhost:8000/metrics',
  ],
  options: {
    ...SOURCE_OPTIONS,
    'fail-on': {
      type: 'string',
      value: '<what>',
      help: 'Exit with 1 on breaking changes, on any, or never. Default: breaking.',
    },
    json: { type: 'boolean', help: 'Print the changes as JSON.' },
  },
  async run(context) {
    const { positionals, values, stdout, style } = context;
    if (positionals.length !== 2) throw new CommandError('Give two sources: the old and the new one.');
    const failOn = choiceOption(values, 'fail-on', FAIL_ON, 'breaking');
    const [before, after] = [await loadSource(positionals[0], context), await loadSource(positionals[1], context)];
    const [old, current] = [before, after].map(({ manifest }) => manifest.map(withSeriesName));
    const changes = changesBetween(
      old.filter((family) => !isCreated(family, old)),
      current.filter((family) => !isCreated(family, current)),
      before.hasMethods && after.hasMethods,
    );
    if (values.json === true) stdout.write(`${JSON.stringify(changes, undefined, 2)}\n`);
    else {
      for (const { metric, what, breaking } of changes) {
        const mark = breaking ? style.paint('red', '!') : ' ';
        stdout.write(`${mark} ${style.paint('bold', sanitize(metric))} ${sanitize(what)}\n`);
      }
      const breaking = changes.filter((change) => change.breaking).length;
      stdout.write(
        changes.length === 0
          ? 'No changes.\n'
          : `${pluralize(changes.length, 'change')}, ${breaking} of them breaking.\n`,
      );
    }
    if (failOn === 'never') return EXIT.ok;
    return changes.some(({ breaking }) => breaking || failOn === 'any') ? EXIT.found : EXIT.ok;
  },
};

/**
 * Returns an Info with the name of its series: text 0.0.4 exposes it as a gauge of this name, and a page in another format
 * must not count as a change.
 */
function withSeriesName(family: FamilyManifest): FamilyManifest {
  if (family.type !== 'info') return family;
  return family.name.endsWith('_info') ? family : { ...family, name: `${family.name}_info` };
}

/** Whether a family has the creation times of another, which OpenMetrics has in the same family. */
function isCreated({ name, type }: FamilyManifest, all: readonly FamilyManifest[]): boolean {
  if (type !== 'gauge' || !name.endsWith('_created')) return false;
  const family = name.slice(0, -'_created'.length);
  return all.some((other) => other.name === family || other.name === `${family}_total`);
}

/** The types that text 0.0.4 exposes as gauges. */
const GAUGES_IN_TEXT = ['gauge', 'info', 'stateset'];

/** Whether queries find the same series with both types. */
function isSameType(was: FamilyManifest['type'], is: FamilyManifest['type']): boolean {
  return was === is || (GAUGES_IN_TEXT.includes(was) && GAUGES_IN_TEXT.includes(is));
}

/** Returns the changes from one manifest to another, by name. Objectives are compared if both manifests have them. */
export function changesBetween(
  before: readonly FamilyManifest[],
  after: readonly FamilyManifest[],
  withObjectives: boolean,
): FamilyChange[] {
  const [old, current] = [
    new Map(before.map((family) => [family.name, family])),
    new Map(after.map((family) => [family.name, family])),
  ];
  const names = [...new Set([...old.keys(), ...current.keys()])].sort();
  return names.flatMap((metric): FamilyChange[] => {
    const [was, is] = [old.get(metric), current.get(metric)];
    if (was === undefined) return [{ metric, kind: 'added', what: `is new (${is?.type})`, breaking: false }];
    if (is === undefined) return [{ metric, kind: 'removed', what: `was removed (${was.type})`, breaking: true }];
    return changesOf(was, is, withObjectives).map(([what, breaking]) => ({ metric, kind: 'changed', what, breaking }));
  });
}

function changesOf(
  was: FamilyManifest,
  is: FamilyManifest,
  withObjectives: boolean,
): [what: string, breaking: boolean][] {
  const changes: [string, boolean][] = [];
  if (!isSameType(was.type, is.type)) changes.push([`was a ${was.type} and is now a ${is.type}`, true]);
  if (was.unit !== is.unit) changes.push([`now has the unit "${is.unit}", not "${was.unit}"`, true]);
  if (was.help !== is.help) changes.push(['has another help text', false]);
  const list = (what: string, old: readonly unknown[] = [], current: readonly unknown[] = [], addingBreaks = false) => {
    const removed = old.filter((item) => !current.includes(item));
    const added = current.filter((item) => !old.includes(item));
    if (removed.length > 0) changes.push([`no longer has ${what} ${removed.join(', ')}`, true]);
    if (added.length > 0) changes.push([`now has ${what} ${added.join(', ')}`, addingBreaks]);
  };
  // Added labels split series: a query that joins on or expects one series finds several.
  list('the label', was.labels, is.labels, true);
  list('the bucket bound', was.buckets, is.buckets);
  list('the quantile', was.percentiles, is.percentiles);
  if (withObjectives) list('the objective', was.objectives.map(objectiveText), is.objectives.map(objectiveText));
  return changes;
}

function objectiveText(objective: MethodObjective): string {
  const { target, latency } = objective;
  return `${methodName(objective)} ${target}${latency === undefined ? '' : ` within ${latency} s`}`;
}
