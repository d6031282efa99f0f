import type { ServerRequest } from '../messages.js';

/** A mount point on the path of a request. */
interface MountPoint {
  readonly template: string;
  readonly params: Params;
}

const NO_PARAMS: Params = {};

/**
 * The templates of the mount points on the path of a request. A router exposes only the part of the path that it has
 * consumed, `/shops/42`, and the parameters found there, `{ shop: '42' }`; the template is `/shops/:shop`.
 */
export class MountPaths {
  private readonly places = new Map<string, MountPoint>();

  /** Enters a nested router, which found these parameters. */
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

  /** Returns the first casing seen for a mount point. */
  of(place: string): string {
    const folded = place.toLowerCase();
    const first = this.known.get(folded);
    if (first !== undefined) return first;
    if (this.known.size >= MOST) return OTHERS;
    this.known.set(folded, place);
    return place;
  }
}

/** The properties that Express adds to a request. */
interface Routed {
  readonly app?: { readonly request?: object };
  /** The route that handled the request. */
  route?: { readonly path?: unknown };
  /** The part of the path that routers have consumed so far, with the client's values in it. */
  baseUrl?: string;
  readonly params?: Params;
}

/** A request whose routing is tracked. */
interface Followed extends Routed {
  /** Set on the app's request prototype, so that all requests inherit it. */
  readonly [FOLLOWED]: PathCasing;
  [MOUNTS]?: MountPaths;
  [ROUTE]?: Routed['route'];
  [BASE]?: string | undefined;
  /** The template of the mount point of the route. */
  [MOUNTED]?: string;
}

const FOLLOWED = Symbol.for('promark.express.followed');
const MOUNTS = Symbol.for('promark.express.mounts');
const ROUTE = Symbol.for('promark.express.route');
const BASE = Symbol.for('promark.express.base');
const MOUNTED = Symbol.for('promark.express.mounted');

/**
 * Makes an app's requests record the mount point of their route when the router sets the route. Later would be too
 * late: the router restores `baseUrl` when an error or `next()` leaves it, and by then nothing shows which parts were
 * parameters. An app's `request` is meant to be extended: all its requests inherit from it, those of mounted apps too.
 */
export function followRoutes(request: object): void {
  const routed = request as Routed;
  const prototype = routed.app?.request;
  if (prototype === undefined) return;
  if (!(FOLLOWED in prototype)) {
    Object.defineProperties(prototype, { [FOLLOWED]: { value: new PathCasing() }, route, baseUrl });
  }
  // The first request already has a `baseUrl` of its own; in Express 4, every request does.
  if (!Object.hasOwn(request, 'baseUrl')) return;
  const base = routed.baseUrl;
  delete routed.baseUrl;
  routed.baseUrl = base;
}

/** Returns the template of the route that handled a request, or undefined. */
export function routeOf(request: ServerRequest): string | undefined {
  const { route: taken, [MOUNTED]: mounted, baseUrl: base } = request as ServerRequest & Followed;
  return taken && joinTemplate(mounted ?? base ?? '', taken.path);
}

/** Joins the template of a mount point and the path of a route, which may be a list or a regular expression. */
export function joinTemplate(base: string, path: unknown): string {
  const text = typeof path === 'string' ? path : [path].flat(Number.POSITIVE_INFINITY).map(String).join('|');
  return base !== '' && text === '/' ? base : base + text;
}

const route: PropertyDescriptor & ThisType<Followed> = {
  configurable: true,
  get() {
    return this[ROUTE];
  },
  set(taken: Routed['route']) {
    this[ROUTE] = taken;
    const base = this[BASE];
    this[MOUNTED] = base && this[FOLLOWED].of(this[MOUNTS]?.templateOf(base) ?? base);
  },
};

const baseUrl: PropertyDescriptor & ThisType<Followed> = {
  configurable: true,
  get() {
    return this[BASE];
  },
  set(to: string | undefined) {
    const from = this[BASE] ?? '';
    this[BASE] = to;
    // A longer value enters a nested router; anything else restores the previous value, perhaps none.
    if (typeof to !== 'string' || to.length <= from.length) return;
    const { params = {} } = this;
    if (this[MOUNTS] === undefined) {
      if (Object.keys(params).length === 0) return;
      this[MOUNTS] = new MountPaths();
    }
    this[MOUNTS].enter(from, to, params);
  },
};

/** Parameters that a router found in a part of the path. */
export type Params = Readonly<Record<string, unknown>>;

/** A path segment: the text that no parameter has claimed yet, and the finished template after it. */
interface Segment {
  readonly raw: string;
  text: string;
  done: string;
}

/**
 * Returns the template of a part of the path: `/shops/42` with `{ shop: '42' }` is `/shops/:shop`. Parameters are
 * matched from the right, since `/shops/:shop` is more common than `/:shop/shops`.
 *
 * @param inherited Values from outer mount points, which need not be in this part.
 */
export function partTemplate(part: string, params: Params, inherited: Params): string {
  const segments = part.split('/').map((raw): Segment => ({ raw, text: decoded(raw), done: '' }));
  for (const [name, value] of Object.entries(params).reverse()) {
    if (Array.isArray(value)) replaceRun(segments, value.map(String), `*${name}`);
    else if (typeof value === 'string' && value !== '') {
      const found =
        replaceRun(segments, [value], `:${name}`) ||
        // A wildcard of Express 4.
        (value.includes('/') && replaceRun(segments, value.split('/'), `:${name}`));
      if (!found && inherited[name] !== value) replaceInside(segments, value, `:${name}`);
    }
  }
  return segments.map(({ raw, text, done }) => (done === '' ? raw : text + done)).join('/');
}

/** Replaces whole segments that equal these values with a name. */
function replaceRun(segments: Segment[], texts: readonly string[], name: string): boolean {
  for (let start = segments.length - texts.length; start >= 0; start--) {
    if (!texts.every((text, i) => segments[start + i].done === '' && segments[start + i].text === text)) continue;
    segments.splice(start, texts.length, { raw: '', text: '', done: name });
    return true;
  }
  return false;
}

/** Replaces a part of a segment with a name, as for `/:from-:to` or a group of a regular expression. */
function replaceInside(segments: readonly Segment[], value: string, name: string): void {
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i];
    const at = segment.text.lastIndexOf(value);
    if (at < 0) continue;
    segment.done = name + segment.text.slice(at + value.length) + segment.done;
    segment.text = segment.text.slice(0, at);
    return;
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
