import type { LabelPairs } from '../formats/line.js';
import { ConfigError, show } from '../model/errors.js';
import { toLabelString } from '../model/labels.js';
import { checkLabelName } from '../model/names.js';

/**
 * Checks the labels that a registry puts on every series, and copies them; an empty one is none. Throws ConfigError or
 * LabelError.
 */
export function checkDefaultLabels(labels: unknown): LabelPairs {
  if (typeof labels !== 'object' || labels === null) {
    throw new ConfigError(`Default labels are an object of names and values, not ${show(labels)}.`);
  }
  const pairs = Object.entries(labels).map(([name, value]) => {
    checkLabelName(name, 'default labels');
    return [name, toLabelString(value, name, 'default labels')] as const;
  });
  return pairs.filter(([, text]) => text !== '');
}
