import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, Inject, Injectable, Req, Res, type Type, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { MetadataScanner } from '@nestjs/core';
import { ConfigError, livePaths, type MetricsHandler, metricsHandler, type Registry } from '../../lib/index.js';
import type { PrometheusModuleSettings, PrometheusModuleShape } from '../module-options.js';
import { InjectRegistry, OPTIONS } from '../tokens.js';
import { EndpointAuthGuard, type Raw, rawOf, refuse, ScrapeAuthorizer, takeOver } from './endpoint-auth.js';

/**
 * Answers scrapes with the page of the module's registry, in the format and compression that the scraper accepts.
 * Extend it to put decorators on the endpoint, and pass the class to `PrometheusModule.forRoot({ controller })`.
 *
 * @example
 * @UseGuards(OfficeHoursGuard)
 * class MyMetricsController extends MetricsController {}
 */
export class MetricsController {
  private readonly answer: MetricsHandler;

  constructor(@InjectRegistry() registry: Registry) {
    this.answer = metricsHandler(registry);
  }

  /**
   * Answers `GET` and `HEAD`. Writes the response itself, so that no interceptor or serializer of the app changes the
   * page.
   */
  @Get()
  async scrape(@Req() request: Raw<IncomingMessage>, @Res() response: Raw<ServerResponse>): Promise<void> {
    await this.answer(rawOf(request), takeOver(response));
  }
}

// Nest's own keys; the package does not export them.
export const PATH_METADATA = 'path';
export const VERSION_METADATA = '__version__';
export const METHOD_METADATA = 'method';

/**
 * The key of `@ApiExcludeController` of @nestjs/swagger, which need not be installed. Documents are usually made before
 * the app starts, when the controllers do not have their paths yet, and the live page's may not be served at all.
 */
const EXCLUDED_METADATA = 'swagger/apiExcludeController';

/**
 * Creates the controller class of one module instance. Each has its own, because Nest stores path and guards on the
 * class: with a shared one, the second app of a process would move the endpoint of the first.
 */
export function metricsControllerClass({ controller, guards = [] }: PrometheusModuleShape): Type<object> | undefined {
  if (controller === false) return undefined;
  const controllerClass = subclass(controller ?? MetricsController);
  if (controller === undefined) Reflect.defineMetadata(EXCLUDED_METADATA, [true], controllerClass);
  routeScrape(controllerClass);
  UseGuards(EndpointAuthGuard, ...guards)(controllerClass);
  // Neither `@Controller()` nor its handler has a path.
  if (pathsOf(controllerClass).every((path) => path === '/')) Controller('/metrics')(controllerClass);
  // Version-neutral, so that nothing changes for scrapers if the app enables versioning.
  if (Reflect.getMetadata(VERSION_METADATA, controllerClass) === undefined) {
    Reflect.defineMetadata(VERSION_METADATA, VERSION_NEUTRAL, controllerClass);
  }
  return controllerClass;
}

/**
 * Restores the `@Get()` of `scrape` on a method that overrides it, because Nest stores routes on functions. Throws
 * ConfigError for a controller without a route.
 */
function routeScrape(controller: Type<object>): void {
  const prototype = controller.prototype as Record<string, unknown>;
  const isRoute = (handler: unknown) => typeof handler === 'function' && Reflect.hasMetadata(METHOD_METADATA, handler);
  const { scrape } = prototype;
  if (typeof scrape === 'function' && !isRoute(scrape)) {
    Get()(prototype, 'scrape', { value: scrape });
    return;
  }
  if (new MetadataScanner().getAllMethodNames(prototype).some((name) => isRoute(prototype[name]))) return;
  throw new ConfigError(
    `PrometheusModule: the controller ${controller.name} has no route. Let it extend MetricsController, or give it a ` +
      'method with @Get() that answers scrapes.',
  );
}

/** Returns a subclass of a controller at another path, such as `/internal/metrics`. */
export function controllerAt(path: string | readonly string[], controller: Type<object>): Type<object> {
  const moved = subclass(controller);
  Reflect.defineMetadata(PATH_METADATA, path, moved);
  return moved;
}

/** Returns the paths at which a controller answers scrapes: its own, joined with those of its handler. */
export function pathsOf(
  controller: Type<object>,
  path: unknown = Reflect.getMetadata(PATH_METADATA, controller),
): string[] {
  const { scrape } = controller.prototype as Partial<MetricsController>;
  const subpaths = pathsIn(scrape && Reflect.getMetadata(PATH_METADATA, scrape));
  return pathsIn(path).flatMap((base) =>
    subpaths.length === 0 ? [base] : subpaths.map((subpath) => joinPaths(base, subpath)),
  );
}

/** Returns a path with a leading slash and without a trailing one. */
export function withSlash(path: string): string {
  return `/${path.replace(/^\/+|\/+$/g, '')}`;
}

/** Returns the source of a regular expression that matches a path literally. */
export function escapePath(path: string): string {
  return path.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Joins the parts of a path; `/` if there are none. */
export function joinPaths(...parts: readonly string[]): string {
  const nonEmpty = parts.map(withSlash).filter((part) => part !== '/');
  return nonEmpty.join('') || '/';
}

/** Returns the paths in Nest's metadata: a string, an array or nothing. */
export function pathsIn(paths: unknown): string[] {
  return [paths].flat().filter((path): path is string => typeof path === 'string');
}

function subclass(base: Type<object>): Type<object> {
  const derived = class extends base {};
  Object.defineProperty(derived, 'name', { value: base.name });
  return derived;
}

/** Answers browsers that open the live page, and the page's own requests. */
@Injectable()
export class LivePageHandler {
  private readonly handler: MetricsHandler | undefined;
  private readonly hasAuthFunction: boolean;

  constructor(
    @InjectRegistry() registry: Registry,
    @Inject(ScrapeAuthorizer) private readonly authorizer: ScrapeAuthorizer,
    @Inject(OPTIONS) { page, auth }: PrometheusModuleSettings,
  ) {
    this.hasAuthFunction = typeof auth === 'function';
    // The handler checks credentials itself, because the page can ask for a token.
    const credentials = typeof auth === 'object' ? { auth } : {};
    if (page !== undefined) this.handler = metricsHandler(registry, { page: withSlash(page), ...credentials });
  }

  async answer(message: Raw<IncomingMessage>, reply: Raw<ServerResponse>): Promise<void> {
    const [request, response] = [rawOf(message), takeOver(reply)];
    if (this.hasAuthFunction && !(await this.authorizer.authorizes(request))) refuse(response, undefined);
    else await this.handler?.(request, response);
  }
}

// Nest's own key; the package does not export it.
const GUARDS_METADATA = '__guards__';

/**
 * Creates the controller class for the live page of one module instance, with the guards of the endpoint. Its path is
 * set when the options are known.
 */
export function livePageControllerClass(endpoint: Type<object> | undefined): Type<object> | undefined {
  if (endpoint === undefined) return undefined;
  @Controller({ path: '/live', version: VERSION_NEUTRAL })
  class LivePageController {
    constructor(@Inject(LivePageHandler) private readonly live: LivePageHandler) {}

    @Get()
    async show(@Req() request: Raw<IncomingMessage>, @Res() response: Raw<ServerResponse>): Promise<void> {
      await this.live.answer(request, response);
    }
  }
  const { scrape } = endpoint.prototype as { readonly scrape?: object };
  const guards = [endpoint, scrape].flatMap(
    (target): Parameters<typeof UseGuards> =>
      target === undefined ? [] : (Reflect.getMetadata(GUARDS_METADATA, target) ?? []),
  );
  UseGuards(...guards.filter((guard) => guard !== EndpointAuthGuard))(LivePageController);
  Reflect.defineMetadata(EXCLUDED_METADATA, [true], LivePageController);
  return LivePageController;
}

/** Returns the paths of the live page and of its data, for the option `page`. */
export function livePathsOf(page: string): readonly [page: string, data: string] {
  return livePaths(withSlash(page));
}
