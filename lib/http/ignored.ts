import { type ServerRequest, targetOf } from './messages.js';
import type { HttpMetricsOptions } from './options.js';

const METRICS = ['/metrics'];

/** Makes the test whether a request is not to be counted. */
export function ignoredBy(ignore: HttpMetricsOptions['ignore'] = METRICS): (request: ServerRequest) => boolean {
  if (typeof ignore === 'function') return ignore;
  const paths = [...ignore];
  return (request) => {
    const target = targetOf(request);
    for (const path of paths) {
      // `/metrics` and `/metrics?name[]=a`, without cutting every target in two.
      if (target.startsWith(path) && (target.length === path.length || target[path.length] === '?')) return true;
    }
    return false;
  };
}
