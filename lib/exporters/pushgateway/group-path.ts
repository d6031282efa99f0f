import { ConfigError, show } from '../../model/errors.js';
import { type LabelValue, toLabelString } from '../../model/labels.js';
import { isLegacyLabelName } from '../../model/names.js';
import { type OptionRules, rule } from '../../model/options.js';

/** The labels of a group besides `job`. Values of `undefined` and `null` are omitted; `''` is a value. */
export type Groupings = { readonly [label: string]: LabelValue };

/** The group to push or delete. */
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
  groupings: { ...rule.object, expected: 'an object of labels and values' },
  signal: {
    expected: 'an AbortSignal',
    // A method that old replacements of signals lack.
    accepts: (value) => rule.object.accepts(value) && typeof (value as AbortSignal).throwIfAborted === 'function',
  },
};

/**
 * Returns the path of a group: `/metrics/job/<job>{/<label>/<value>}`. A value that a path cannot hold becomes
 * `<label>@base64/<encoded value>` (Pushgateway, "API"). Throws ConfigError for names that the gateway rejects, and
 * LabelError for values that are not strings.
 *
 * @param job Undefined for the whole gateway, `/metrics`.
 */
export function groupPath(job: string | undefined, groupings: Groupings = {}): string {
  const pairs = Object.entries(groupings).filter(([, value]) => value !== undefined && value !== null);
  if (job === undefined) {
    if (pairs.length === 0) return '/metrics';
    throw new ConfigError('Groupings need a jobName: every group starts with its job.');
  }
  const labels = pairs.map(([label, value]) => {
    checkGroupLabel(label);
    return segments(label, toLabelString(value, label, '', 'Option groupings'));
  });
  return `/metrics${segments('job', toLabelString(job, 'job', '', 'Option jobName'))}${labels.join('')}`;
}

function checkGroupLabel(label: string): void {
  if (label === 'job') throw new ConfigError('Groupings must not contain "job"; use jobName instead.');
  if (isLegacyLabelName(label) && !label.startsWith('__')) return;
  throw new ConfigError(
    `A grouping label must consist of letters, digits and underscores and must not begin with a digit or "__", got ${show(label)}.`,
  );
}

/**
 * The gateway would drop an empty segment and split at a slash, even an encoded one; dots would mean the current and
 * the parent segment.
 */
function segments(label: string, value: string): string {
  if (value !== '' && value !== '.' && value !== '..' && !value.includes('/')) {
    return `/${label}/${encodeURIComponent(value)}`;
  }
  return `/${label}@base64/${Buffer.from(value).toString('base64url') || '='}`;
}
