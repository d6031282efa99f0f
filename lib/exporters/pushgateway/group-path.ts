import { ConfigError, show } from '../../model/errors.js';
import { type LabelValue, toLabelString } from '../../model/labels.js';
import { isLegacyLabelName } from '../../model/names.js';
import { type OptionRules, rule } from '../../model/options.js';

/** The labels of a group apart from `job`. Those whose value is `undefined` or `null` are left out; `''` is a value. */
export type Groupings = { readonly [label: string]: LabelValue };

/** Which group is pushed or deleted. */
export interface PushParameters {
  /** The group's `job` label. */
  readonly jobName?: string;
  /** The group's other labels, such as `{ instance: hostname() }`. Default: none. */
  readonly groupings?: Groupings;
  /** Aborts the push, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** @internal */
export const groupRules: OptionRules<PushParameters> = {
  jobName: rule.string,
  groupings: { expected: 'an object of labels and values', accepts: (value) => rule.object.accepts(value) },
  signal: {
    expected: 'an AbortSignal',
    accepts: (value) => rule.object.accepts(value) && typeof (value as AbortSignal).addEventListener === 'function',
  },
};

/**
 * The path of a group: `/metrics/job/<job>{/<label>/<value>}`. A value that a path cannot hold is written
 * `label@base64/<value>` (Pushgateway, "API"). Throws ConfigError for names that the gateway refuses, LabelError for
 * values that are not strings.
 *
 * @param job undefined for the whole gateway, `/metrics`
 */
export function groupPath(job: string | undefined, groupings: Groupings = {}): string {
  const pairs = Object.entries(groupings).filter(([, value]) => value !== undefined && value !== null);
  if (job === undefined) {
    if (pairs.length === 0) return '/metrics';
    throw new ConfigError('Groupings need a jobName: a group of the gateway begins with its job.');
  }
  const labels = pairs.map(([label, value]) => {
    checkGroupLabel(label);
    return segments(label, toLabelString(value, label, 'groupings'));
  });
  return `/metrics${segments('job', toLabelString(job, 'job', 'jobName'))}${labels.join('')}`;
}

function checkGroupLabel(label: string): void {
  if (label === 'job') throw new ConfigError('Groupings must not contain "job"; it is given as jobName.');
  if (isLegacyLabelName(label) && !label.startsWith('__')) return;
  throw new ConfigError(
    `A grouping label must consist of letters, digits and underscores and must not begin with a digit or "__", got ${show(label)}.`,
  );
}

/**
 * An empty segment would be lost, and so would a slash, even encoded; dots mean the segment itself and the one above it.
 */
function segments(label: string, value: string): string {
  if (value !== '' && value !== '.' && value !== '..' && !value.includes('/')) {
    return `/${label}/${encodeURIComponent(value)}`;
  }
  return `/${label}@base64/${Buffer.from(value).toString('base64url') || '='}`;
}
