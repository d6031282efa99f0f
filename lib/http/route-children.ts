import type { HistogramChild } from '../metrics/histogram-child.js';
import type { RouteHistogram } from './families.js';

/** Status codes are below this. */
const STATUSES = 1024;

/** Finds the child of a method, route and status in two look-ups of small maps, where the family has to find three labels. */
export class RouteChildren {
  private readonly byRoute = new Map<string, Map<string, HistogramChild[]>>();

  constructor(private readonly family: RouteHistogram) {}

  get(method: string, route: string, status: number): HistogramChild {
    const known = this.byRoute.get(route)?.get(method)?.[status];
    // Somebody may have taken the series off the page.
    return known !== undefined && known.row >= 0 ? known : this.find(method, route, status);
  }

  private find(method: string, route: string, status: number): HistogramChild {
    const child = this.family.labels(method, route, String(status));
    if (!(status >= 0 && status < STATUSES)) return child;
    const byMethod = entry(this.byRoute, route, () => new Map<string, HistogramChild[]>());
    entry(byMethod, method, (): HistogramChild[] => [])[status] = child;
    return child;
  }
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}
