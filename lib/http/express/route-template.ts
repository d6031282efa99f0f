import type { ServerRequest } from '../messages.js';
import { MountPaths, PathCasing } from './mount-paths.js';
import type { Params } from './part-template.js';

/** What Express adds to a request. */
interface Routed {
  readonly app?: { readonly request?: object };
  /** The route that has taken the request. */
  route?: { readonly path?: unknown };
  /** What routers have taken from the path so far, with the client's values in it. */
  baseUrl?: string;
  readonly params?: Params;
}

/** A request whose routing is followed. */
interface Followed extends Routed {
  /** Of the app: its requests inherit it. */
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
 * Has an app's requests note where their route is mounted, when the router tells them the route. Later it is too late:
 * the router takes `baseUrl` back when an error or `next()` leads out of it, and nothing tells then which parts of it were
 * parameters. An app's `request` is made to be extended: all its requests inherit from it, those of mounted apps too.
 */
export function followRoutes(request: object): void {
  const routed = request as Routed;
  const prototype = routed.app?.request;
  if (prototype === undefined) return;
  if (!(FOLLOWED in prototype)) {
    Object.defineProperties(prototype, { [FOLLOWED]: { value: new PathCasing() }, route, baseUrl });
  }
  // The first request has been given its own before; in Express 4, every one has.
  if (!Object.hasOwn(request, 'baseUrl')) return;
  const base = routed.baseUrl;
  delete routed.baseUrl;
  routed.baseUrl = base;
}

/** The template of the route that has taken a request; undefined where there is none. */
export function routeOf(request: ServerRequest): string | undefined {
  const { route: taken, [MOUNTED]: mounted, baseUrl: base } = request as ServerRequest & Followed;
  return taken && joinTemplate(mounted ?? base ?? '', taken.path);
}

/** The template of a route, which may have several paths or regular expressions, at a place. */
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
    // A place further in; otherwise a router puts back what was there before, perhaps nothing.
    if (typeof to !== 'string' || to.length <= from.length) return;
    const { params = {} } = this;
    if (this[MOUNTS] === undefined) {
      if (Object.keys(params).length === 0) return;
      this[MOUNTS] = new MountPaths();
    }
    this[MOUNTS].enter(from, to, params);
  },
};
