import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HttpRecorder, type Registry, type ServerReply, type ServerRequest } from '../../lib/index.js';
import { METHOD_METADATA } from '../endpoint/controllers.js';
import { Endpoint, followExpress, isExpressApp } from '../endpoint/endpoint.service.js';
import { operationOf } from '../handlers/handler-kinds.js';
import type { PrometheusModuleSettings } from '../module-options.js';
import { InjectRegistry, OPTIONS } from '../tokens.js';

/** Measures the app's HTTP requests. */
@Injectable()
export class HttpMetricsService {
  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(Endpoint) private readonly endpoint: Endpoint,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(OPTIONS) private readonly options: PrometheusModuleSettings,
  ) {}

  /** To be called when the app has its server and its global prefix, and before it creates its routes. */
  attach(): void {
    const { http = true } = this.options;
    if (http === false) return;
    const { registry } = this;
    // Answered scrapes are never measured; this is for refused ones.
    const ignore = this.endpoint.paths;
    const recorder = new HttpRecorder({ ignore, ...(http !== true && http), registry });
    const { httpAdapter } = this.host;
    const app: unknown = httpAdapter.getInstance();
    if (isExpressApp(app)) {
      followExpress(app, (request, reply) => recorder.begin(request, reply, expressRoute));
      return;
    }
    // Before the adapter, so that requests that end before its routing are measured too.
    httpAdapter.getHttpServer()?.prependListener('request', (request: ServerRequest, reply: ServerReply) => {
      recorder.begin(request, reply);
    });
    if (httpAdapter.getType() === 'fastify') reportFastifyRoutes(app as FastifyInstance, recorder);
  }
}

/** The part of a Fastify app that is used here. */
export interface FastifyInstance {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void): unknown;
}

interface FastifyRequest {
  readonly raw: ServerRequest;
  readonly routeOptions: { readonly url?: string | undefined };
}

interface FastifyReply {
  readonly raw: ServerReply;
}

/** Makes a Fastify app report the route of each request. */
export function reportFastifyRoutes(instance: FastifyInstance, recorder: HttpRecorder): void {
  instance.addHook('onRequest', (request, reply, done) => {
    recorder.begin(request.raw, reply.raw, request.routeOptions.url);
    done();
  });
}

/** The property of a route that caches its template; null if requests are not measured by this route. */
const TEMPLATE = Symbol.for('promark.nest.template');

/** The route that Express has matched to a request. */
interface ExpressRoute {
  [TEMPLATE]?: string | null;
  readonly path: unknown;
  readonly stack?: readonly { readonly handle?: object }[];
}

interface ExpressRequest {
  readonly route?: ExpressRoute;
  /** The mount path of the app itself. */
  readonly baseUrl?: string;
}

/** Returns the template of the route that handled a request, including global prefix and version. */
export function expressRoute(request: ServerRequest): string | undefined {
  const { route, baseUrl = '' } = request as ServerRequest & ExpressRequest;
  if (route === undefined) return operationOf(request);
  let template = route[TEMPLATE];
  if (template === undefined) {
    template = templateOf(route);
    route[TEMPLATE] = template;
  }
  return template === null ? undefined : baseUrl + template;
}

/** Returns the template of a route, or null for one of Nest's routes for middleware that match any path. */
function templateOf({ path, stack = [] }: ExpressRoute): string | null {
  const template = [path].flat().map(String).join('|');
  // Nest copies the metadata of a controller's method to its handler.
  const isController = stack.some(({ handle }) => handle && isVerb(Reflect.getMetadata(METHOD_METADATA, handle)));
  return isController || !template.includes('*') ? template : null;
}

function isVerb(value: unknown): boolean {
  return typeof value === 'number' && value in RequestMethod;
}
