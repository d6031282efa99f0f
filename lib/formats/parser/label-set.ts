/** The labels of a sample while they are being read. */
export type LabelSet = Record<string, string>;

/** Adds a label; false where the set has one of that name already. */
export function addLabel(labels: LabelSet, name: string, value: string): boolean {
  if (Object.hasOwn(labels, name)) return false;
  // Assigning to `__proto__` would set no property at all, and a page may have a label of that name.
  if (name === '__proto__')
    Object.defineProperty(labels, name, { value, enumerable: true, configurable: true, writable: true });
  else labels[name] = value;
  return true;
}

/** The value of a label, never one that every object inherits, such as `constructor`. */
export function labelOf(labels: Readonly<LabelSet>, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

/**
 * A text that two label sets share if and only if they name the same series. Order does not matter, an empty label
 * counts as absent, and the label named by `except` is left out.
 */
export function seriesKey(labels: Readonly<LabelSet>, except?: string): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  let key = '';
  for (const name of names) {
    const value = labelOf(labels, name);
    // Lengths instead of separators: a separator could stand in a value too.
    if (name !== except && value) key += `${name.length}:${name}${value.length}:${value}`;
  }
  return key;
}
