import { RequestMethod, type Type, VERSION_NEUTRAL } from '@nestjs/common';
import { type ApplicationConfig, MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { ConfigError } from '../../lib/index.js';
import { escapePath, joinPaths, METHOD_METADATA, PATH_METADATA, pathsIn, VERSION_METADATA } from './controllers.js';

/**
 * Excludes `GET path` from the app's global prefix, in addition to the app's own exclusions. Call it between the app's
 * setting its prefix and its creating its routes.
 */
export function keepOutsidePrefix(config: ApplicationConfig, path: string): void {
  const options = config.getGlobalPrefixOptions();
  const pathRegex = new RegExp(`^${escapePath(path)}/?$`, 'i');
  const exclusion = { path, requestMethod: RequestMethod.GET, pathRegex };
  config.setGlobalPrefixOptions({ ...options, exclude: [...(options.exclude ?? []), exclusion] });
}

// Nest's own keys; the package does not export them.
const MODULE_PATH = '__module_path__';
const HOST_METADATA = 'host';

/** A route of the app for `GET`. */
interface Route {
  readonly path: string;
  /** `Shop.find`, for messages. */
  readonly handler: string;
  /** Whether it answers only some versions or hosts. */
  readonly isPartial: boolean;
}

/**
 * Throws ConfigError if a route of the app would lose its global prefix together with the endpoint, because Nest's
 * exclusions go by path alone.
 */
export function refuseUnprefixing(modules: ModulesContainer, endpoint: Type<object>, path: string): void {
  const same = routesOf(modules, endpoint).find((route) => route.path === path);
  if (same === undefined) return;
  throw new ConfigError(
    `PrometheusModule: GET ${path} under the global prefix is a route of ${same.handler}, and Nest ` +
      `cannot keep the endpoint at ${path} without moving that route there too. Set \`outside: true\`, ` +
      '`underGlobalPrefix: true` or another `path`.',
  );
}

/**
 * Throws ConfigError for a route of the app at the endpoint's path, because one of the two would never be reached, and
 * for a catch-all route before the endpoint if the router matches in order, as that of Express does.
 */
export function refuseShadowing(
  modules: ModulesContainer,
  endpoint: Type<object>,
  path: string,
  matchesInOrder: boolean,
): void {
  const routes = routesOf(modules, endpoint).filter(({ isPartial }) => !isPartial);
  const same = routes.find((route) => route.path === path);
  if (same !== undefined) {
    throw new ConfigError(
      `PrometheusModule: GET ${path} is a route of ${same.handler} too, and only one of the two would be reached. Give the ` +
        'endpoint another `path`, or remove the route or the endpoint (`controller: false`).',
    );
  }
  if (!matchesInOrder) return;
  const catchAll = routesOf(modules, endpoint, true).find((route) => !route.isPartial && CATCH_ALL.test(route.path));
  if (catchAll === undefined) return;
  throw new ConfigError(
    `PrometheusModule: ${catchAll.handler} answers every path and comes before the endpoint, so GET ${path} would never be ` +
      'reached. Set the option `outside: true`, or import the module of that route after PrometheusModule.',
  );
}

/** `*`, `/*`, `/*rest`, `/{*rest}` and `/(.*)`. */
const CATCH_ALL = /^\/?(\*\w*|\{\/?\*\w*\}|\(\.\*\))$/;

/**
 * Returns the routes of the app's controllers, except the endpoint.
 *
 * @param before Whether to include only routes that Nest creates before the endpoint.
 */
function routesOf(modules: ModulesContainer, endpoint: Type<object>, before = false): Route[] {
  const routes: Route[] = [];
  for (const { controllers, metatype: module } of modules.values()) {
    if (before && controllers.has(endpoint)) break;
    // Prefixes of RouterModule.
    const modulePath: unknown =
      Reflect.getMetadata(MODULE_PATH + modules.applicationId, module) ?? Reflect.getMetadata(MODULE_PATH, module);
    for (const [token, { metatype }] of controllers) {
      if (token === endpoint || typeof metatype !== 'function') continue;
      routes.push(...routesOfController(metatype as Type<object>, modulePath));
    }
  }
  return routes;
}

function routesOfController(controller: Type<object>, modulePath: unknown): Route[] {
  const prototype = controller.prototype as Record<string, object>;
  const routes: Route[] = [];
  for (const method of new MetadataScanner().getAllMethodNames(prototype)) {
    const target = prototype[method];
    const verb: unknown = target && Reflect.getMetadata(METHOD_METADATA, target);
    if (target === undefined || (verb !== RequestMethod.GET && verb !== RequestMethod.ALL)) continue;
    const isPartial =
      [controller, target].some(isVersioned) || Reflect.getMetadata(HOST_METADATA, controller) !== undefined;
    for (const base of pathsIn(Reflect.getMetadata(PATH_METADATA, controller))) {
      for (const subpath of pathsIn(Reflect.getMetadata(PATH_METADATA, target))) {
        const path = joinPaths(...pathsIn(modulePath), base, subpath);
        routes.push({ path, handler: `${controller.name}.${method}`, isPartial });
      }
    }
  }
  return routes;
}

function isVersioned(target: object): boolean {
  const version: unknown = Reflect.getMetadata(VERSION_METADATA, target);
  return version !== undefined && version !== VERSION_NEUTRAL;
}

// Keys of @nestjs/throttler, which need not be installed. The name of a throttler is appended to each.
const OPTIONS = 'THROTTLER:MODULE_OPTIONS';
const SKIP = 'THROTTLER:SKIP';
const LIMIT = 'THROTTLER:LIMIT';

const DEFAULT_NAME = 'default';

/**
 * Excludes the endpoint from the app's throttlers, like `@SkipThrottle`. A custom controller's own `@Throttle` and
 * `@SkipThrottle` take precedence. To be called when the app's providers exist.
 */
export function skipThrottlers(endpoint: Type<object>, modules: ModulesContainer): void {
  const targets = [endpoint, ...handlersOf(endpoint)];
  for (const name of throttlerNames(modules)) {
    const isSet = targets.some((target) => [SKIP, LIMIT].some((key) => Reflect.hasMetadata(key + name, target)));
    if (!isSet) Reflect.defineMetadata(SKIP + name, true, endpoint);
  }
}

/** Returns the names of the configured throttlers. The options are a list of them, or an object that has one. */
function throttlerNames(modules: ModulesContainer): Set<string> {
  const names = new Set([DEFAULT_NAME]);
  for (const { providers } of modules.values()) {
    const options: unknown = providers.get(OPTIONS)?.instance;
    const { throttlers = options } = (options ?? {}) as { readonly throttlers?: unknown };
    if (!Array.isArray(throttlers)) continue;
    for (const { name = DEFAULT_NAME } of throttlers as readonly { readonly name?: string }[]) names.add(name);
  }
  return names;
}

function handlersOf({ prototype }: Type<object>): object[] {
  const methods = prototype as Record<string, object | undefined>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => methods[name] ?? []);
}
