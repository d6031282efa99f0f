// The parts of an app, by contender. Each is imported only when used.

export const CONTENDERS = {
  limit: async () => ({ imports: [], providers: [] }),

  promark: async () => {
    const { PrometheusModule } = await import('promark/nest');
    return { imports: [PrometheusModule.forRoot({ defaultMetrics: false })], providers: [] };
  },

  /** The same family and gauge, recorded by as little code as can be. */
  least: async () => {
    const { measureRequests } = await import('./least.mjs');
    return { imports: [], providers: [], prepare: measureRequests };
  },

  /** The module that others use, with a typical hand-written interceptor: the same family, the same labels. */
  willsoto: async () => {
    const { createRequire } = await import('node:module');
    const require = createRequire(import.meta.url);
    const { PrometheusModule } = require('@willsoto/nestjs-prometheus');
    const { Histogram } = require('prom-client');
    const { APP_INTERCEPTOR } = await import('@nestjs/core');
    const { finalize } = await import('rxjs');
    const seconds = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from request to end of response',
      labelNames: ['method', 'route', 'status_code'],
    });
    const interceptor = {
      intercept(context, next) {
        const http = context.switchToHttp();
        const request = http.getRequest();
        const end = seconds.startTimer();
        const observe = () => {
          const { statusCode } = http.getResponse();
          end({ method: request.method, route: request.route.path, status_code: statusCode });
        };
        return next.handle().pipe(finalize(observe));
      },
    };
    return {
      imports: [PrometheusModule.register({ defaultMetrics: { enabled: false } })],
      providers: [{ provide: APP_INTERCEPTOR, useValue: interceptor }],
    };
  },
};
