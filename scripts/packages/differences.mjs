/** Parses a page for comparison: each family's type and help, and each series with its value. */
function read(page) {
  const families = new Map();
  const series = new Map();
  for (const line of page.split('\n')) {
    const head = /^# (HELP|TYPE|JSON) (\S+) ?(.*)$/.exec(line);
    if (head !== null) {
      families.set(`${head[1]} ${head[2]}`, head[3]);
      continue;
    }
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (sample === null) continue;
    const labels = [...(sample[2] ?? '').matchAll(/([\w]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    const shown = labels
      // Prometheus treats an empty label as absent and, from version 3 on, reads bounds as numbers.
      .filter(([, value]) => value !== '')
      .map(
        ([name, value]) =>
          `${name}=${(name === 'le' || name === 'quantile') && value !== '+Inf' ? Number(value) : value}`,
      )
      .sort();
    series.set(`${sample[1]}{${shown}}`, sample[3]);
  }
  return { families, series };
}

/** Whether a name is that of a default metric or one of promark's own; a package may add a prefix. */
const isDefault = (name) => /(^| |_)(process|nodejs|promark)_/.test(name);

/** Whether a value depends on timing: sums, buckets and quantiles of durations and sizes. */
const isTimed = (name) =>
  /^\S*(_sum|_bucket|seconds|duration|summary|perf|milliseconds|_size|utilization|usage|elu)/.test(
    name.split('{')[0],
  ) && !/_count\{/.test(name);

/** Lists what is missing or different on the second page, and counts the families and series compared. */
export function differences(original, ours) {
  const [a, b] = [read(original), read(ours)];
  const differ = [];
  for (const [key, text] of a.families) {
    if (!b.families.has(key)) differ.push(`${key} is missing`);
    else if (b.families.get(key) !== text) differ.push(`${key} is ${b.families.get(key)}, not ${text}`);
  }
  for (const key of b.families.keys()) if (!a.families.has(key) && !isDefault(key)) differ.push(`${key} is added`);
  let compared = a.families.size;
  for (const [key, value] of a.series) {
    // Current resources and handles vary.
    if (isDefault(key) && key.includes('type=')) continue;
    compared += 1;
    if (!b.series.has(key)) {
      if (!isDefault(key) || !/gc_duration/.test(key)) differ.push(`${key} is missing`);
    } else if (!isDefault(key) && !isTimed(key) && Number(b.series.get(key)) !== Number(value)) {
      differ.push(`${key} is ${b.series.get(key)}, not ${value}`);
    }
  }
  for (const key of b.series.keys()) if (!a.series.has(key) && !isDefault(key)) differ.push(`${key} is added`);
  return { compared, differ };
}
