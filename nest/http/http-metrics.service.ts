import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HttpRecorder, type Registry, type ServerReply, type ServerRequest } from '../../lib/index.js';
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

  /** To be called when the app has its server and its global prefix, but before it creates its routes. */
  attach(): void {
    const { http = true } = this.options;
    if (http === false) return;
    const { registry } = this;
    // For refused scrapes; answered ones are never measured.
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

/** The part of a Fastify app that is used. */
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

// Nest's own key, which the package does not export. Nest copies the metadata of a controller's method to its handler.
const METHOD_METADATA = 'method';

/** The property of a route that caches its template; null if no request ends in the route. */
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

/** Whether a route is informative. Nest also has routes for middleware, many of which match any path. */
function templateOf({ path, stack = [] }: ExpressRoute): string | null {
  const text = [path].flat().map(String).join('|');
  const isController = stack.some(({ handle }) => handle && isVerb(Reflect.getMetadata(METHOD_METADATA, handle)));
  return isController || !text.includes('*') ? text : null;
}

function isVerb(value: unknown): boolean {
  return typeof value === 'number' && value in RequestMethod;
}
