// The label shapes that prom-client and @prometheus-io/client use in their own benchmarks: 64 series by one label or by
// six, with strings and numbers as values.

const VALUES = {
  method: ['get', 'post', 'put', 'delete', 'trace', 'head', 'options', 'patch'],
  status: [100, 200, 201, 301, 400, 401, 403, 404],
  account: ['user', 'admin', 'guest', 'bot'],
  region: ['us-west-1', 'us-east-1', 'us-west4', 'us-east1', 'europe-north1'],
  type: ['desktop', 'mobile', 'tablet', 'kiosk', 'watch', 'pos'],
  env: ['development', 'production', 'staging', 'qa'],
  protocol: ['http', 'https'],
  campaign: ['easter', 'valentines', 'christmas', 'thanksgiving', 'labor_day', 'new_years', 'halloween'],
};

/** The shapes for recording: the number of values of each label. */
export const SHAPES = {
  '1 × 64': [64],
  '2 × 8': [8, 8],
  '2 × 4, 2 × 2': [4, 4, 2, 2],
  '2 × 2, 2 × 4': [2, 2, 4, 4],
  '6 × 2': [2, 2, 2, 2, 2, 2],
};

export function labelNames(count) {
  return Object.keys(VALUES).slice(0, count);
}

/** Returns all combinations of the given number of values of each label, as objects. */
export function combinations(counts) {
  let all = [{}];
  counts.forEach((count, i) => {
    const name = labelNames(counts.length)[i];
    const values = Array.from({ length: count }, (_, n) => VALUES[name][n] ?? n);
    all = all.flatMap((labels) => values.map((value) => ({ ...labels, [name]: value })));
  });
  return all;
}
