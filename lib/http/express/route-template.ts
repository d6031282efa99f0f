import type { ServerRequest } from '../messages.js';
import { MountPaths, PathCasing } from './mount-paths.js';
import type { Params } from './part-template.js';

/** The properties that Express adds to a request. */
interface Routed {
  readonly app?: { readonly request?: object };
  /** The route that handled the request. */
  route?: { readonly path?: unknown };
  /** The part of the path that routers have consumed so far, with the client's values in it. */
  baseUrl?: string;
  readonly params?: Params;
}

/** A request whose routing is followed. */
interface Followed extends Routed {
  /** Set on the app's request prototype, so that all requests inherit it. */
  readonly [FOLLOWED]: PathCasing;
  [MOUNTS]?: MountPaths;
  [ROUTE]?: Routed['route'];
  [BASE]?: string | undefined;
  /** The template of the place where the route is mounted. */
  [MOUNTED]?: string;
}

const FOLLOWED = Symbol.for('promark.express.followed');
const MOUNTS = Symbol.for('promark.express.mounts');
const ROUTE = Symbol.for('promark.express.route');
const BASE = Symbol.for('promark.express.base');
const MOUNTED = Symbol.for('promark.express.mounted');

/**
 * Makes an app's requests record where their route is mounted at the moment the router sets the route. Later would be
 * too late: the router restores `baseUrl` when an error or `next()` leaves it, and by then nothing shows which parts
 * were parameters. An app's `request` is meant to be extended: all its requests inherit from it, those of mounted apps
 * too.
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
