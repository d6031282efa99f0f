import { Inject, Injectable } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { HttpRecorder, type Registry, type ServerReply, type ServerRequest } from '../../lib/index.js';
import { withSlash } from '../endpoint/metrics-controller-class.js';
import { InjectRegistry } from '../inject-registry.decorator.js';
import type { PrometheusModuleSettings } from '../options.js';
import { OPTIONS } from '../tokens.js';
import { expressRoute } from './express-route.js';
import { tellFastifyRoutes } from './fastify-route.js';

/** Measures the app's HTTP requests. */
@Injectable()
export class HttpMetricsService {
  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(OPTIONS) private readonly options: PrometheusModuleSettings,
  ) {}

  /** To be called when the app has its server and its global prefix, and has not made its routes yet. */
  attach(): void {
    const { http = true } = this.options;
    if (http === false) return;
    const { registry } = this;
    const recorder = new HttpRecorder({ ignore: [this.endpoint()], ...(http !== true && http), registry });
    const { httpAdapter } = this.host;
    const isFastify = httpAdapter.getType() === 'fastify';
    const begin = isFastify
      ? (request: ServerRequest, reply: ServerReply) => recorder.begin(request, reply)
      : (request: ServerRequest, reply: ServerReply) => recorder.begin(request, reply, expressRoute);
    // Ahead of everything, so that what ends in a middleware of the app is measured as well.
    httpAdapter.getHttpServer()?.prependListener('request', begin);
    if (isFastify) tellFastifyRoutes(httpAdapter.getInstance(), recorder);
    // For requests that come in by servers that the app has made itself.
    else
      httpAdapter.use((request: ServerRequest, reply: ServerReply, next: () => void) => {
        begin(request, reply);
        next();
      });
  }

  /** Where scrapes that are turned away would be seen; those that are answered are left out wherever that is. */
  private endpoint(): string {
    const { path = 'metrics', underGlobalPrefix } = this.options;
    const prefix = this.config.getGlobalPrefix();
    return underGlobalPrefix === true && prefix !== '' ? withSlash(prefix) + withSlash(path) : withSlash(path);
  }
}
