import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, type Type } from '@nestjs/common';
import { type AbstractHttpAdapter, ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { admitRequest, metricsHandler, type Registry, type ServerReply, type ServerRequest } from '../../lib/index.js';
import { followExpress, isExpressApp } from '../http/express-app.js';
import type { PrometheusModuleOptions } from '../options.js';
import { ENDPOINT, InjectRegistry, OPTIONS } from '../tokens.js';
import { type Raw, rawOf, ScrapeAuthorizer, takeOver } from './endpoint-auth.js';
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
}

function refuse(response: ServerResponse, challenge: string | undefined): void {
  const headers = challenge === undefined ? {} : { 'www-authenticate': challenge };
  response.writeHead(challenge === undefined ? 403 : 401, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end('The metrics are not for everybody.\n');
}

/** Places the endpoint as the options ask: as a controller, outside of the app's routing, or nowhere. */
@Injectable()
export class Endpoint {
  constructor(
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(OutsideEndpoint) private readonly outside: OutsideEndpoint,
    @Inject(OPTIONS) private readonly options: PrometheusModuleOptions,
    @Inject(ENDPOINT) private readonly controller: Type<object> | undefined,
  ) {}

  /** Where the endpoint stands, the app's global prefix included; nowhere where a server stands in for it. */
  get paths(): string[] {
    if (this.controller === undefined || this.isReplaced) return [];
    const paths = pathsOf(this.controller, this.options.path);
    const prefix = this.config.getGlobalPrefix();
    if (this.options.underGlobalPrefix !== true || prefix === '') return paths;
    return paths.map((path) => withSlash(prefix) + path);
  }

  /** To be called when the app has set its global prefix and has not made its routes yet. */
  place(): void {
    if (this.controller === undefined) return;
    const { outside, underGlobalPrefix, path } = this.options;
    if (this.isReplaced || outside === true) this.withdraw(this.controller);
    if (this.isReplaced) return;
    const { paths } = this;
    logPagesOf(this.host.httpAdapter?.getHttpServer(), paths);
    limitScrapes(this.host.httpAdapter, paths);
    if (outside === true) {
      for (const one of paths) this.outside.open(one);
      return;
    }
    skipThrottles(this.controller, this.modules);
    if (path !== undefined) this.move(this.controller, withSlash(path));
    if (underGlobalPrefix === true || this.config.getGlobalPrefix() === '') {
      const byOrder = this.host.httpAdapter?.getType() !== 'fastify';
      for (const one of pathsOf(this.controller, path)) refuseShadows(this.modules, this.controller, one, byOrder);
      return;
    }
    for (const one of paths) {
      refuseRivals(this.modules, this.controller, one);
      keepOutsidePrefix(this.config, one);
    }
  }

  /** Whether the app has a server for the page and asks for no controller beside it. */
  private get isReplaced(): boolean {
    const { server, controller } = this.options;
    return server !== undefined && controller === undefined;
  }

  /** Of the app's own copy of the controller: another app that is made from the same module keeps its path. */
  private move(controller: Type<object>, path: string): void {
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
