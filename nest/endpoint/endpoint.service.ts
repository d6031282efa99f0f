import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, type Type } from '@nestjs/common';
import { type AbstractHttpAdapter, ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { admitRequest, metricsHandler, type Registry, type ServerReply, type ServerRequest } from '../../lib/index.js';
import { followExpress, isExpressApp } from '../http/express-app.js';
import type { PrometheusModuleOptions } from '../module-options.js';
import { ENDPOINT, InjectRegistry, OPTIONS } from '../tokens.js';
import { type Raw, rawOf, refuse, ScrapeAuthorizer, takeOver } from './endpoint-auth.js';
import { LivePageAnswers, livePathsOf } from './live-page.controller.js';
import { movedTo, pathsOf, withSlash } from './metrics.controller.js';
import { logPagesOf } from './page-address.js';
import { keepOutsidePrefix, refuseRivals, refuseShadows } from './rival-routes.js';
import { skipThrottles } from './throttling.js';

/** Answers scrapes before Nest's routing sees them: no guard, interceptor, pipe or filter of the app takes part. */
@Injectable()
export class OutsideEndpoint {
  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(ScrapeAuthorizer) private readonly gatekeeper: ScrapeAuthorizer,
    @Inject(LivePageAnswers) private readonly live: LivePageAnswers,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  /** Puts the endpoint at a path of the app's server, ahead of the app's own routes. */
  open(path: string): void {
    const answer = metricsHandler(this.registry);
    this.host.httpAdapter.get(path, async (given: Raw<IncomingMessage>, reply: Raw<ServerResponse>) => {
      const [request, response] = [rawOf(given), takeOver(reply)];
      if (await this.gatekeeper.authorizes(request)) await answer(request, response);
      else refuse(response, this.gatekeeper.challenge);
    });
  }

  /** The same for a path of the live page. */
  openPage(path: string): void {
    this.host.httpAdapter.get(path, (request: Raw<IncomingMessage>, response: Raw<ServerResponse>) =>
      this.live.answer(request, response),
    );
  }
}

/** The controller classes of a module instance, neither of which it has without an endpoint. */
export interface EndpointControllers {
  readonly metrics?: Type<object>;
  readonly livePage?: Type<object>;
}

/** A controller and its path. */
interface Mount {
  /** For the log: what is there, and at which of its paths people look at it. */
  readonly what: string;
  readonly shown: readonly string[];
  readonly controller: Type<object>;
  /** Without the app's global prefix. */
  readonly paths: readonly string[];
  /** What its own path is replaced by. */
  readonly moved?: string | readonly string[];
  /** Opens a path outside of the app's routing. */
  readonly open: (path: string) => void;
}

/** Mounts the endpoint as the options ask: as a controller, outside of the app's routing, or nowhere. */
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

  /** To be called when the app has set its global prefix and has not made its routes yet. */
  mount(): void {
    const mounts = this.mounts();
    const isOutside = this.options.outside === true;
    for (const controller of Object.values(this.controllers)) {
      if (isOutside || !mounts.some((mount) => mount.controller === controller)) this.withdraw(controller);
    }
    const server = this.host.httpAdapter?.getHttpServer();
    for (const { what, shown } of mounts) logPagesOf(server, what, this.underPrefix(shown));
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
      what: 'Metrics',
      shown: paths,
      controller: metrics,
      paths,
      ...(path !== undefined && { moved: withSlash(path) }),
      open: (one) => this.outside.open(one),
    };
    if (page === undefined || livePage === undefined) return [endpoint];
    const [own, data] = livePathsOf(page);
    const live: Mount = {
      what: 'Live page',
      shown: [own],
      controller: livePage,
      paths: [own, data],
      moved: [own, data],
      open: (one) => this.outside.openPage(one),
    };
    return [endpoint, live];
  }

  /** Lets Nest make the routes of a controller, where they can be reached. */
  private route({ controller, paths, moved }: Mount): void {
    skipThrottles(controller, this.modules);
    if (moved !== undefined) this.move(controller, moved);
    if (this.options.underGlobalPrefix === true || this.config.getGlobalPrefix() === '') {
      const byOrder = this.host.httpAdapter?.getType() !== 'fastify';
      for (const one of paths) refuseShadows(this.modules, controller, one, byOrder);
      return;
    }
    for (const one of paths) {
      refuseRivals(this.modules, controller, one);
      keepOutsidePrefix(this.config, one);
    }
  }

  private underPrefix(paths: readonly string[]): string[] {
    const prefix = this.options.underGlobalPrefix === true ? this.config.getGlobalPrefix() : '';
    return paths.map((path) => (prefix === '' ? path : withSlash(prefix) + path));
  }

  /** Of the app's own copy of the controller: another app that is made from the same module keeps its path. */
  private move(controller: Type<object>, path: string | readonly string[]): void {
    for (const { controllers } of this.modules.values()) {
      const wrapper = controllers.get(controller);
      if (wrapper !== undefined) wrapper.metatype = movedTo(path, controller);
    }
  }

  private withdraw(controller: Type<object>): void {
    for (const { controllers } of this.modules.values()) controllers.delete(controller);
  }
}

/**
 * Limits how many scrapes of a connection wait for an answer, before middleware, guards and the router of the app see
 * them: a client may send thousands at once, and guards are asynchronous.
 */
function limitScrapes(adapter: AbstractHttpAdapter, paths: readonly string[]): void {
  if (paths.length === 0) return;
  const known = new Set(paths.map(comparable));
  const admits = (request: ServerRequest, reply: ServerReply): boolean =>
    !known.has(comparable(request.url ?? '')) || admitRequest(request as IncomingMessage, reply as ServerResponse);
  const app: unknown = adapter.getInstance();
  if (isExpressApp(app)) followExpress(app, admits);
  // The app still gets the request that was one too many, but none after it: its connection is closed.
  else adapter.getHttpServer()?.prependListener('request', admits);
}

/** A path without the query, as routers compare it. */
function comparable(target: string): string {
  return target.split('?', 1)[0].replace(/\/+$/, '').toLowerCase();
}
