import { type Params, partTemplate } from './part-template.js';

/** What is known of a place that a request has come through. */
interface MountPoint {
  readonly template: string;
  readonly params: Params;
}

const NO_PARAMS: Params = {};

/**
 * The templates of the places that a request has come through. A router tells only what it has taken from the path,
 * `/shops/42`, and the values that it has found there, `{ shop: '42' }`; the template is `/shops/:shop`.
 */
export class MountPaths {
  private readonly places = new Map<string, MountPoint>();

  /** A router leads from one place to one further in, having found these values between them. */
  enter(from: string, to: string, params: Params): void {
    const inherited = this.places.get(from)?.params ?? NO_PARAMS;
    const template = this.templateOf(from) + partTemplate(to.slice(from.length), params, inherited);
    this.places.set(to, { template, params });
  }

  /** The template of a place. */
  templateOf(place: string): string {
    return this.places.get(place)?.template ?? place;
  }
}

/** More places than a program has, unless it mounts a router at a regular expression. */
const MOST = 1000;

/** What stands for places beyond those. */
const OTHERS = '/*';

/**
 * How the places of an app are spelled. Express finds `/api` for `/API` as well and tells only what the client wrote:
 * each way to write it would be a series.
 */
export class PathCasing {
  private readonly known = new Map<string, string>();

  /** The first spelling of a place that was met. */
  of(place: string): string {
    const folded = place.toLowerCase();
    const first = this.known.get(folded);
    if (first !== undefined) return first;
    if (this.known.size >= MOST) return OTHERS;
    this.known.set(folded, place);
    return place;
  }
}
