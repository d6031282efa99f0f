import { type Params, partTemplate } from './part-template.js';

/** A mount point that a request has passed. */
interface MountPoint {
  readonly template: string;
  readonly params: Params;
}

const NO_PARAMS: Params = {};

/**
 * The templates of the mount points that a request has passed. A router exposes only the part of the path that it has
 * consumed, `/shops/42`, and the parameters found there, `{ shop: '42' }`; the template is `/shops/:shop`.
 */
export class MountPaths {
  private readonly places = new Map<string, MountPoint>();

  /** Enters a nested router, which found these parameters on the way. */
  enter(from: string, to: string, params: Params): void {
    const inherited = this.places.get(from)?.params ?? NO_PARAMS;
    const template = this.templateOf(from) + partTemplate(to.slice(from.length), params, inherited);
    this.places.set(to, { template, params });
  }

  /** Returns the template of a mount point. */
  templateOf(place: string): string {
    return this.places.get(place)?.template ?? place;
  }
}

/** More mount points than a program has, unless it mounts a router at a regular expression. */
const MOST = 1000;

/** The template of all mount points beyond the limit. */
const OTHERS = '/*';

/**
 * Maps mount points to one casing. Express matches `/API` for `/api` and exposes only what the client wrote, so each
 * casing would become a series.
 */
export class PathCasing {
  private readonly known = new Map<string, string>();

  /** Returns the first casing seen of a mount point. */
  of(place: string): string {
    const folded = place.toLowerCase();
    const first = this.known.get(folded);
    if (first !== undefined) return first;
    if (this.known.size >= MOST) return OTHERS;
    this.known.set(folded, place);
    return place;
  }
}
