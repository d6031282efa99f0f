// Labels and values resembling those of a web service.

export const LABEL_NAMES = ['method', 'route', 'status'];

// Strings as produced by a request parser: created at run time, not source literals.
const text = (string) => Buffer.from(string).toString();
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'].map(text);
const STATUSES = ['200', '201', '204', '301', '304', '400', '401', '404', '500', '503'].map(text);
const ROUTES = Array.from({ length: 20_000 }, (_, i) => text(`/api/v1/resource-${i}/items`));

/** The three label values of series number `i`; each number means a different series. */
export const methodOf = (i) => METHODS[i % 5];
export const statusOf = (i) => STATUSES[Math.floor(i / 5) % 10];
export const routeOf = (i) => ROUTES[Math.floor(i / 50)];

/** Number of label sets in use at a time when measuring single calls. */
export const SETS = 64;

export const methods = Array.from({ length: SETS }, (_, i) => methodOf(i * 7));
export const routes = Array.from({ length: SETS }, (_, i) => routeOf(i * 7));
export const statuses = Array.from({ length: SETS }, (_, i) => statusOf(i * 7));

/** Durations in seconds, log-normal around 30 ms. Their number is a power of two, to iterate with a mask. */
export function durations(random, count = 1024) {
  return Float64Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return 0.03 * Math.exp(normal);
  });
}

/** The default upper bounds of the clients: 12 buckets with +Inf. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
