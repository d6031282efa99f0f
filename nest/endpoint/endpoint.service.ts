import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import { Inject, Injectable, Logger, type Type } from '@nestjs/common';
import { type AbstractHttpAdapter, ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { admitRequest, metricsHandler, type Registry, type ServerReply, type ServerRequest } from '../../lib/index.js';
import type { PrometheusModuleOptions } from '../module-options.js';
import { ENDPOINT, InjectRegistry, OPTIONS } from '../tokens.js';
import { keepOutsidePrefix, refuseShadowing, refuseUnprefixing, skipThrottlers } from './app-constraints.js';
import { controllerAt, escapePath, LivePageHandler, livePathsOf, pathsOf, withSlash } from './controllers.js';
import { type Raw, rawOf, refuse, ScrapeAuthorizer, takeOver } from './endpoint-auth.js';

/** Answers scrapes before Nest's routing, out of reach of the app's guards, interceptors, pipes and filters. */
@Injectable()
export class OutsideEndpoint {
  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(ScrapeAuthorizer) private readonly authorizer: ScrapeAuthorizer,
    @Inject(LivePageHandler) private readonly live: LivePageHandler,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  /** Adds the endpoint at a path of the app's server, before the app's own routes. */
  open(path: string): void {
    const answer = metricsHandler(this.registry);
    this.host.httpAdapter.get(path, async (message: Raw<IncomingMessage>, reply: Raw<ServerResponse>) => {
      const [request, response] = [rawOf(message), takeOver(reply)];
      if (await this.authorizer.authorizes(request)) await answer(request, response);
      else refuse(response, this.authorizer.challenge);
    });
  }

  /** Adds a path of the live page in the same way. */
  openPage(path: string): void {
    this.host.httpAdapter.get(path, (request: Raw<IncomingMessage>, response: Raw<ServerResponse>) =>
      this.live.answer(request, response),
    );
  }
}

/** The controller classes of a module instance; empty without an endpoint. */
export interface EndpointControllers {
  readonly metrics?: Type<object>;
  readonly livePage?: Type<object>;
}

/** A controller and its paths. */
interface Mount {
  /** What the log calls it: `Metrics`. */
  readonly title: string;
  readonly loggedPaths: readonly string[];
  readonly controller: Type<object>;
  /** Without the app's global prefix. */
  readonly paths: readonly string[];
  /** Replaces the controller's own path. */
  readonly newPath?: string | readonly string[];
  /** Opens a path outside of the app's routing. */
  readonly open: (path: string) => void;
}

/** Mounts the endpoint according to the options: as a controller, outside of the app's routing, or nowhere. */
@Injectable()
export class Endpoint {
  constructor(
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(OutsideEndpoint) private readonly outside: OutsideEndpoint,
    @Inject(OPTIONS) private readonly options: PrometheusModuleOptions,
    @Inject(ENDPOINT) private readonly controllers: EndpointControllers,
  ) {}

  /** The paths of the endpoint and the live page, with the app's global prefix; none if a server answers them. */
  get paths(): string[] {
    return this.mounts().flatMap(({ paths }) => this.underPrefix(paths));
  }

  /** To be called after the app has set its global prefix and before it creates its routes. */
  mount(): void {
    const mounts = this.mounts();
    const isOutside = this.options.outside === true;
    for (const controller of Object.values(this.controllers)) {
      if (isOutside || !mounts.some((mount) => mount.controller === controller)) this.remove(controller);
    }
    const server = this.host.httpAdapter?.getHttpServer();
    for (const { title, loggedPaths } of mounts) logPagesOf(server, title, this.underPrefix(loggedPaths));
    limitScrapes(this.host.httpAdapter, this.paths);
    for (const mount of mounts) {
      if (isOutside) for (const path of this.underPrefix(mount.paths)) mount.open(path);
      else this.route(mount);
    }
  }

  private mounts(): Mount[] {
    const { metrics, livePage } = this.controllers;
    const { server, controller, path, page } = this.options;
    // A server replaces the endpoint unless the app asks for a controller too.
    if (metrics === undefined || (server !== undefined && controller === undefined)) return [];
    const paths = pathsOf(metrics, path);
    const endpoint: Mount = {
      title: 'Metrics',
      loggedPaths: paths,
      controller: metrics,
      paths,
      ...(path !== undefined && { newPath: withSlash(path) }),
      open: (one) => this.outside.open(one),
    };
    if (page === undefined || livePage === undefined) return [endpoint];
    const [html, data] = livePathsOf(page);
    const live: Mount = {
      title: 'Live page',
      loggedPaths: [html],
      controller: livePage,
      paths: [html, data],
      newPath: [html, data],
      open: (one) => this.outside.openPage(one),
    };
    return [endpoint, live];
  }

  /** Lets Nest create the routes of a controller, after checking that they can be reached. */
  private route({ controller, paths, newPath }: Mount): void {
    skipThrottlers(controller, this.modules);
    if (newPath !== undefined) this.move(controller, newPath);
    if (this.options.underGlobalPrefix === true || this.config.getGlobalPrefix() === '') {
      const matchesInOrder = this.host.httpAdapter?.getType() !== 'fastify';
      for (const one of paths) refuseShadowing(this.modules, controller, one, matchesInOrder);
      return;
    }
    for (const one of paths) {
      refuseUnprefixing(this.modules, controller, one);
      keepOutsidePrefix(this.config, one);
    }
  }

  private underPrefix(paths: readonly string[]): string[] {
    const prefix = this.options.underGlobalPrefix === true ? this.config.getGlobalPrefix() : '';
    return paths.map((path) => (prefix === '' ? path : withSlash(prefix) + path));
  }

  /** Changes only this app's copy of the controller: other apps with the same module keep its path. */
  private move(controller: Type<object>, path: string | readonly string[]): void {
    for (const { controllers } of this.modules.values()) {
      const wrapper = controllers.get(controller);
      if (wrapper !== undefined) wrapper.metatype = controllerAt(path, controller);
    }
  }

  private remove(controller: Type<object>): void {
    for (const { controllers } of this.modules.values()) controllers.delete(controller);
  }
}

/**
 * Limits the number of unanswered scrapes per connection, ahead of the app's middleware, guards and router: a client may
 * send thousands at once, and guards are asynchronous.
 */
function limitScrapes(adapter: AbstractHttpAdapter, paths: readonly string[]): void {
  if (paths.length === 0) return;
  const isScrape = targetsOf(paths);
  const admits = (request: ServerRequest, reply: ServerReply): boolean =>
    !isScrape.test(request.url ?? '') || admitRequest(request as IncomingMessage, reply as ServerResponse);
  const app: unknown = adapter.getInstance();
  if (isExpressApp(app)) followExpress(app, admits);
  // The app still receives the first request over the limit, but none after it, because the connection is closed.
  else adapter.getHttpServer()?.prependListener('request', admits);
}

/** Matches the request targets that routers take for these paths: in any case, with slashes at the end, or a query. */
function targetsOf(paths: readonly string[]): RegExp {
  const sources = paths.map((path) => escapePath(path.replace(/\/+$/, '')));
  return new RegExp(`^(?:${sources.join('|')})/*(?:\\?|$)`, 'i');
}

export function logPage(title: string, url: string): void {
  new Logger('PrometheusModule').log(`${title} at ${url}`);
}

/** Logs the URLs of an app's own pages as soon as its server listens. */
export function logPagesOf(server: Server | undefined, title: string, paths: readonly string[]): void {
  if (typeof server?.once !== 'function') return;
  server.once('listening', () => {
    const address = server.address();
    // A server on a Unix socket has no URL.
    if (typeof address !== 'object' || address === null) return;
    const scheme = 'setSecureContext' in server ? 'https' : 'http';
    for (const path of paths) logPage(title, `${scheme}://${hostOf(address)}:${address.port}${path}`);
  });
}

function hostOf({ address, family }: { readonly address: string; readonly family: string }): string {
  if (address === '::' || address === '0.0.0.0') return 'localhost';
  return family === 'IPv6' ? `[${address}]` : address;
}

type Handle = (this: unknown, request: ServerRequest, reply: ServerReply, next?: unknown) => unknown;

/** The part of an Express app that its servers, and apps that it is mounted in, call for each request. */
export interface ExpressApp {
  handle: Handle;
}

export function isExpressApp(app: unknown): app is ExpressApp {
  return typeof (app as Partial<ExpressApp> | null | undefined)?.handle === 'function';
}

/**
 * Calls `begin` with every request of an Express app, from any server, before the app handles it; requests for which it
 * returns false do not reach the app. Middleware would take several times as long per request, and miss requests that an
 * earlier one has answered.
 */
export function followExpress(app: ExpressApp, begin: (request: ServerRequest, reply: ServerReply) => unknown): void {
  const { handle } = app;
  app.handle = function (request, reply, next) {
    if (begin(request, reply) === false) return undefined;
    return handle.call(this, request, reply, next);
  };
}
