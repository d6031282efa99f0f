import { RequestMethod, type Type, VERSION_NEUTRAL } from '@nestjs/common';
import { type ApplicationConfig, MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { ConfigError } from '../../lib/index.js';
import { joinPaths, METHOD_METADATA, PATH_METADATA, textsOf, VERSION_METADATA } from './controllers.js';

/**
 * Excludes `GET path` from the app's global prefix, in addition to the app's own exclusions. Call it after the app has
 * set its prefix and before it creates its routes.
 */
export function keepOutsidePrefix(config: ApplicationConfig, path: string): void {
  const options = config.getGlobalPrefixOptions();
  const escaped = path.replace(/[.~-]/g, '\\$&');
  const exclusion = { path, requestMethod: RequestMethod.GET, pathRegex: new RegExp(`^${escaped}/?$`, 'i') };
  config.setGlobalPrefixOptions({ ...options, exclude: [...(options.exclude ?? []), exclusion] });
}

// Nest's own keys; the package does not export them.
const MODULE_PATH = '__module_path__';
const HOST_METADATA = 'host';

/** A route of the app for `GET`. */
interface Route {
  readonly path: string;
  /** `Shop.find`, for messages. */
  readonly where: string;
  /** Whether it only answers some versions or hosts. */
  readonly isPartial: boolean;
}

/**
 * Refuses a route of the app that would be excluded from the global prefix together with the endpoint, because Nest
 * distinguishes routes by path alone. Throws ConfigError.
 */
export function refuseRivals(modules: ModulesContainer, endpoint: Type<object>, path: string): void {
  const rival = routesOf(modules, endpoint).find((route) => route.path === path);
  if (rival === undefined) return;
  throw new ConfigError(
    `PrometheusModule: GET ${path} under the global prefix is a route of ${rival.where}, and Nest ` +
      `cannot keep the endpoint at ${path} without moving that route there too. Set \`outside: true\`, ` +
      '`underGlobalPrefix: true` or another `path`.',
  );
}

/**
 * Refuses a route of the app at the endpoint's path, because one of the two would never be reached; also a catch-all
 * route before the endpoint, if the router matches in order, like that of Express. Throws ConfigError.
 */
export function refuseShadows(modules: ModulesContainer, endpoint: Type<object>, path: string, byOrder: boolean): void {
  const routes = routesOf(modules, endpoint).filter(({ isPartial }) => !isPartial);
  const rival = routes.find((route) => route.path === path);
  if (rival !== undefined) {
    throw new ConfigError(
      `PrometheusModule: GET ${path} is a route of ${rival.where} too, and only one of the two would be reached. Give the ` +
        'endpoint another `path`, or remove the route or the endpoint (`controller: false`).',
    );
  }
  if (!byOrder) return;
  const catchAll = routesOf(modules, endpoint, true).find((route) => !route.isPartial && CATCH_ALL.test(route.path));
  if (catchAll === undefined) return;
  throw new ConfigError(
    `PrometheusModule: ${catchAll.where} answers every path and comes before the endpoint, so GET ${path} would never be ` +
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
    const handler = prototype[method];
    const verb: unknown = handler && Reflect.getMetadata(METHOD_METADATA, handler);
    if (handler === undefined || (verb !== RequestMethod.GET && verb !== RequestMethod.ALL)) continue;
    const isPartial =
      [controller, handler].some(isForSome) || Reflect.getMetadata(HOST_METADATA, controller) !== undefined;
    for (const base of textsOf(Reflect.getMetadata(PATH_METADATA, controller))) {
      for (const rest of textsOf(Reflect.getMetadata(PATH_METADATA, handler))) {
        const path = joinPaths(...textsOf(modulePath), base, rest);
        routes.push({ path, where: `${controller.name}.${method}`, isPartial });
      }
    }
  }
  return routes;
}

function isForSome(target: object): boolean {
  const version: unknown = Reflect.getMetadata(VERSION_METADATA, target);
  return version !== undefined && version !== VERSION_NEUTRAL;
}

// Keys of @nestjs/throttler, which need not be installed. The name of a throttler is appended to each.
const OPTIONS = 'THROTTLER:MODULE_OPTIONS';
const SKIP = 'THROTTLER:SKIP';
const LIMIT = 'THROTTLER:LIMIT';

const UNNAMED = 'default';

/**
 * Excludes the endpoint from the app's throttlers, like `@SkipThrottle`. `@Throttle` and `@SkipThrottle` of a custom
 * controller take precedence. To be called when the app's providers exist.
 */
export function skipThrottles(endpoint: Type<object>, modules: ModulesContainer): void {
  const places = [endpoint, ...handlersOf(endpoint)];
  for (const name of throttlesIn(modules)) {
    const isSaid = places.some((place) => [SKIP, LIMIT].some((key) => Reflect.hasMetadata(key + name, place)));
    if (!isSaid) Reflect.defineMetadata(SKIP + name, true, endpoint);
  }
}

/** Returns the names of the configured throttlers, from a list, or from options with a list. */
function throttlesIn(modules: ModulesContainer): Set<string> {
  const names = new Set([UNNAMED]);
  for (const { providers } of modules.values()) {
    const options: unknown = providers.get(OPTIONS)?.instance;
    const { throttlers = options } = (options ?? {}) as { readonly throttlers?: unknown };
    if (!Array.isArray(throttlers)) continue;
    for (const { name = UNNAMED } of throttlers as readonly { readonly name?: string }[]) names.add(name);
  }
  return names;
}

function handlersOf({ prototype }: Type<object>): object[] {
  const methods = prototype as Record<string, object | undefined>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => methods[name] ?? []);
}
