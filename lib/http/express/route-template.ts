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
  private readonly mountPoints = new Map<string, MountPoint>();

  /** Enters a nested router, which found these parameters. */
  enter(from: string, to: string, params: Params): void {
    const inherited = this.mountPoints.get(from)?.params ?? NO_PARAMS;
    const template = this.templateOf(from) + partTemplate(to.slice(from.length), params, inherited);
    this.mountPoints.set(to, { template, params });
  }

  /** Returns the template of a mount point. */
  templateOf(path: string): string {
    return this.mountPoints.get(path)?.template ?? path;
  }
}

/** More mount points than a program has, unless it mounts a router at a regular expression. */
const MAX_MOUNT_POINTS = 1000;

/** The template of all mount points beyond the limit. */
const OTHER_MOUNT_POINTS = '/*';

/**
 * Maps mount points that differ only in case to one of them. Express lets `/API` match `/api` and exposes only what the
 * client sent, so each casing would become a series.
 */
export class PathCasing {
  private readonly known = new Map<string, string>();

  /** Returns the first casing seen for a mount point. */
  of(path: string): string {
    const lowerCase = path.toLowerCase();
    const first = this.known.get(lowerCase);
    if (first !== undefined) return first;
    if (this.known.size >= MAX_MOUNT_POINTS) return OTHER_MOUNT_POINTS;
    this.known.set(lowerCase, path);
    return path;
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
interface Tracked extends Routed {
  /** Set on the app's request prototype, so that all requests inherit it. */
  readonly [TRACKED]: PathCasing;
  [MOUNTS]?: MountPaths;
  [ROUTE]?: Routed['route'];
  [BASE]?: string | undefined;
  /** The template of the mount point of the route. */
  [MOUNTED]?: string;
}

const TRACKED = Symbol.for('promark.express.tracked');
const MOUNTS = Symbol.for('promark.express.mounts');
const ROUTE = Symbol.for('promark.express.route');
const BASE = Symbol.for('promark.express.base');
const MOUNTED = Symbol.for('promark.express.mounted');

/**
 * Makes an app's requests record the mount point of their route at the moment when the router sets the route.
 * Afterwards it is too late: the router restores `baseUrl` when it is left through an error or `next()`, and nothing
 * shows any longer which parts of the path were parameters. An app's `request` is meant to be extended; all its
 * requests inherit from it, and so do those of mounted apps.
 */
export function trackRoutes(request: object): void {
  const routed = request as Routed;
  const prototype = routed.app?.request;
  if (prototype === undefined) return;
  if (!(TRACKED in prototype)) {
    Object.defineProperties(prototype, { [TRACKED]: { value: new PathCasing() }, route, baseUrl });
  }
  // The first request already has a `baseUrl` of its own; in Express 4, every request does.
  if (!Object.hasOwn(request, 'baseUrl')) return;
  const base = routed.baseUrl;
  delete routed.baseUrl;
  routed.baseUrl = base;
}

/** Returns the template of the route that handled a request, or undefined. */
export function routeOf(request: ServerRequest): string | undefined {
  const { route: taken, [MOUNTED]: mounted, baseUrl: base } = request as ServerRequest & Tracked;
  return taken && joinTemplate(mounted ?? base ?? '', taken.path);
}

/** Joins the template of a mount point and the path of a route, which may be a list or a regular expression. */
export function joinTemplate(base: string, path: unknown): string {
  const text = typeof path === 'string' ? path : [path].flat(Number.POSITIVE_INFINITY).map(String).join('|');
  return base !== '' && text === '/' ? base : base + text;
}

const route: PropertyDescriptor & ThisType<Tracked> = {
  configurable: true,
  get() {
    return this[ROUTE];
  },
  set(taken: Routed['route']) {
    this[ROUTE] = taken;
    const base = this[BASE];
    this[MOUNTED] = base && this[TRACKED].of(this[MOUNTS]?.templateOf(base) ?? base);
  },
};

const baseUrl: PropertyDescriptor & ThisType<Tracked> = {
  configurable: true,
  get() {
    return this[BASE];
  },
  set(to: string | undefined) {
    const from = this[BASE] ?? '';
    this[BASE] = to;
    // A longer path enters a nested router; anything else restores the previous value, which may be undefined.
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

/** A path segment: the text that no parameter has matched yet, and the finished template after it. */
interface PathSegment {
  readonly raw: string;
  text: string;
  done: string;
}

/**
 * Returns the template of a part of the path: `/shops/42` with `{ shop: '42' }` is `/shops/:shop`. Parameters are
 * matched from the right, since `/shops/:shop` is more common than `/:shop/shops`.
 *
 * @param inherited Parameters of outer mount points, whose values need not be in this part.
 */
export function partTemplate(part: string, params: Params, inherited: Params): string {
  const segments = part.split('/').map((raw): PathSegment => ({ raw, text: decodedOrRaw(raw), done: '' }));
  for (const [name, value] of Object.entries(params).reverse()) {
    if (Array.isArray(value)) replaceSegments(segments, value.map(String), `*${name}`);
    else if (typeof value === 'string' && value !== '') {
      const found =
        replaceSegments(segments, [value], `:${name}`) ||
        // A wildcard of Express 4.
        (value.includes('/') && replaceSegments(segments, value.split('/'), `:${name}`));
      if (!found && inherited[name] !== value) replaceWithinSegment(segments, value, `:${name}`);
    }
  }
  return segments.map(({ raw, text, done }) => (done === '' ? raw : text + done)).join('/');
}

/** Replaces consecutive segments that equal these values with a name. Returns whether there were any. */
function replaceSegments(segments: PathSegment[], values: readonly string[], name: string): boolean {
  for (let start = segments.length - values.length; start >= 0; start--) {
    if (!values.every((value, i) => segments[start + i].done === '' && segments[start + i].text === value)) continue;
    segments.splice(start, values.length, { raw: '', text: '', done: name });
    return true;
  }
  return false;
}

/** Replaces a part of a segment, as with `/:from-:to` or a group of a regular expression. */
function replaceWithinSegment(segments: readonly PathSegment[], value: string, name: string): void {
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i];
    const at = segment.text.lastIndexOf(value);
    if (at < 0) continue;
    segment.done = name + segment.text.slice(at + value.length) + segment.done;
    segment.text = segment.text.slice(0, at);
    return;
  }
}

function decodedOrRaw(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
