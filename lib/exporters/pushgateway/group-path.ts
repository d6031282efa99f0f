import { ConfigError, show } from '../../model/errors.js';
import { type LabelValue, toLabelString } from '../../model/labels.js';
import { isLegacyLabelName } from '../../model/names.js';

/** The labels of a group besides its job. Those without a value (`undefined`, `null`) are left out; `''` is one. */
export type Groupings = { readonly [label: string]: LabelValue };

/**
 * The path of a group: `/metrics/job/<job>{/<label>/<value>}`. What a path cannot hold is `label@base64/<value>`
 * (Pushgateway, "API"). Throws ConfigError for names that the gateway refuses, LabelError for values that are no text.
 *
 * @param job undefined for the whole gateway, `/metrics`
 */
export function groupPath(job: string | undefined, groupings: Groupings = {}): string {
  if (typeof groupings !== 'object' || groupings === null) {
    throw new ConfigError(`The groupings of a push are an object of labels and values, not ${show(groupings)}.`);
  }
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
  if (label === 'job') throw new ConfigError('The groupings name a "job"; it is given as jobName.');
  if (isLegacyLabelName(label) && !label.startsWith('__')) return;
  throw new ConfigError(
    `A grouping label is of letters, digits and underscores and does not begin with a digit or "__", unlike ${show(label)}.`,
  );
}

/**
 * An empty segment, and a slash even when it is encoded, would not arrive as they are; nor would dots, which mean the
 * segment itself and the one above it.
 */
function segments(label: string, value: string): string {
  if (value !== '' && value !== '.' && value !== '..' && !value.includes('/')) {
    return `/${label}/${encodeURIComponent(value)}`;
  }
  return `/${label}@base64/${Buffer.from(value).toString('base64url') || '='}`;
}
