import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { finalize, type Observable, tap } from 'rxjs';
import {
  addDeferredKind,
  ConfigError,
  collectDefaultMetrics,
  type DefaultMetricsHandle,
  type DeferredKind,
  type HttpClientMetricsHandle,
  httpClientMetrics,
  type MetricsServer,
  type Multiprocess,
  multiprocess,
  Pushgateway,
  type PushLoop,
  type Registry,
  register,
  type ServerTls,
  startHttpServer,
  type Watch,
} from '../lib/index.js';
import { serverAuth } from './check-options.js';
import { withSlash } from './endpoint/controllers.js';
import { logPage } from './endpoint/endpoint.service.js';
import type { PrometheusModuleOptions, PrometheusModuleSettings } from './module-options.js';
import { InjectRegistry, OPTIONS } from './tokens.js';

/** Pushes to the gateway of the option `pushgateway` while the app runs, and once more at shutdown. */
@Injectable()
export class PushService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly start: (() => PushLoop) | undefined;
  private loop: PushLoop | undefined;
  private stopped: Promise<void> | undefined;

  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(OPTIONS) { pushgateway }: PrometheusModuleSettings,
  ) {
    if (pushgateway === undefined) return;
    const { url, intervalMs = 15_000, jobName, groupings, add, onError, lastPushTimeoutMs, ...options } = pushgateway;
    // In the constructor, so that invalid options stop the app from starting.
    const gateway = new Pushgateway(url, options, registry);
    const parameters = {
      ...(jobName !== undefined && { jobName }),
      ...(groupings !== undefined && { groupings }),
      ...(add !== undefined && { add }),
      ...(onError !== undefined && { onError }),
      ...(lastPushTimeoutMs !== undefined && { lastPushTimeoutMs }),
    };
    // The app's shutdown does the last push, so the gateway does not listen for signals.
    this.start = () => gateway.pushEvery(intervalMs, { ...parameters, signals: [] });
  }

  onApplicationBootstrap(): void {
    this.loop = this.start?.();
  }

  onApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  /** Pushes once more and stops. Services that remove metrics from the registry wait for this. Never rejects. */
  async stop(): Promise<void> {
    const { loop } = this;
    this.loop = undefined;
    this.stopped ??= loop?.stop().catch((error: unknown) => {
      // An app must be able to close while the gateway is down.
      this.registry.faults.instrumentation('the last push to the Pushgateway', error);
    });
    await this.stopped;
  }
}

/** Shares the registry with the app's other processes, as the option `multiprocess` says, until the app closes. */
@Injectable()
export class MultiprocessService implements OnApplicationShutdown {
  private group: Multiprocess | undefined;

  // Done in the constructor, because only cells allocated afterwards can be mapped.
  constructor(@Inject(OPTIONS) { multiprocess: options = false, registry = register }: PrometheusModuleSettings) {
    if (options === false) return;
    const isSharedByEnvironment = registry === register && process.env.PROMETHEUS_MULTIPROC_DIR !== undefined;
    const group = multiprocess({ ...(options !== true && options), registry });
    if (!isSharedByEnvironment) this.group = group;
  }

  onApplicationShutdown(): void {
    this.group?.end();
    this.group = undefined;
  }
}

/** Collects default metrics from the start of the app until its shutdown. */
@Injectable()
export class DefaultMetricsService implements OnModuleInit, OnApplicationShutdown {
  private handle: DefaultMetricsHandle | undefined;

  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(OPTIONS) private readonly options: PrometheusModuleOptions,
    @Inject(PushService) private readonly push: PushService,
  ) {}

  onModuleInit(): void {
    const { defaultMetrics = true } = this.options;
    if (defaultMetrics === false) return;
    const config = defaultMetrics === true ? {} : defaultMetrics;
    this.handle = collectDefaultMetrics({ ...config, register: this.registry });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.push.stop();
    this.handle?.stop();
    this.handle = undefined;
  }
}

/** Measures the requests that the program sends while the app runs, if the option `httpClient` is set. */
@Injectable()
export class HttpClientMetricsService implements OnModuleInit, OnApplicationShutdown {
  private handle: HttpClientMetricsHandle | undefined;

  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(OPTIONS) private readonly options: PrometheusModuleSettings,
  ) {}

  onModuleInit(): void {
    const { httpClient = false } = this.options;
    if (httpClient === false) return;
    this.handle = httpClientMetrics({ ...(httpClient !== true && httpClient), registry: this.registry });
  }

  onApplicationShutdown(): void {
    this.handle?.stop();
    this.handle = undefined;
  }
}

/** The server of the option `server`, while the app runs. Inject it to get its URL or to replace its certificate. */
@Injectable()
export class MetricsServerService implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: MetricsServer | undefined;

  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(OPTIONS) private readonly options: PrometheusModuleSettings,
  ) {}

  /**
   * The URL of the page, such as `http://localhost:9100/metrics`; undefined without a server or before it has started.
   */
  get url(): string | undefined {
    return this.server?.url;
  }

  /**
   * Replaces the server's certificate, like `setTls` of `MetricsServer`. Rejects with ConfigError if the app has no
   * server, or has not started it yet.
   */
  async setTls(tls: ServerTls): Promise<void> {
    if (this.server === undefined) {
      throw new ConfigError(
        'PrometheusModule: setTls needs a running server. Set the option `server`, and wait for the app to start.',
      );
    }
    await this.server.setTls(tls);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { server, path = '/metrics' } = this.options;
    if (server === undefined) return;
    const options = typeof server === 'number' ? { port: server } : server;
    const auth = serverAuth(this.options);
    this.server = await startHttpServer({ ...options, auth, registry: this.registry, path: withSlash(path) });
    logPage('Metrics', this.server.url);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.server?.close();
    this.server = undefined;
  }
}

/**
 * Measures Observables: each subscription is a call, which ends with completion, error or unsubscription. Apart from
 * that, the caller's Observable behaves like the method's own, Subjects included.
 */
export const observableKind: DeferredKind = {
  matches(value) {
    const { subscribe, lift } = value as Partial<Observable<unknown>>;
    return typeof subscribe === 'function' && typeof lift === 'function';
  },

  follow(value, watch) {
    watch.pause();
    let next: Watch | undefined = watch;
    const begin = (): Watch => {
      const call = next ?? watch.newRun();
      next = undefined;
      call.resume();
      return call;
    };
    const source = value as Observable<unknown>;
    return new Proxy(source, {
      get(target, key, receiver) {
        if (key !== 'subscribe') return Reflect.get(target, key, receiver) as unknown;
        return (...observer: Parameters<Observable<unknown>['subscribe']>) =>
          measured(source, begin()).subscribe(...observer);
      },
    });
  },
};

function measured(source: Observable<unknown>, call: Watch): Observable<unknown> {
  let last: unknown;
  let ended = false;
  const end = (...outcome: Parameters<Watch['end']>): void => {
    if (ended) return;
    ended = true;
    call.end(...outcome);
  };
  return source.pipe(
    tap({
      next: (value) => {
        last = value;
      },
      error: (error: unknown) => end('error', error),
      complete: () => end('ok', last),
    }),
    // Runs last: if the call has not ended by then, the subscriber has unsubscribed.
    finalize(() => end('cancelled', undefined)),
  );
}

/** Makes instrumented methods measure the Observables they return, while the app runs. */
@Injectable()
export class Observables implements OnModuleInit, OnApplicationShutdown {
  private unregister: (() => void) | undefined;

  onModuleInit(): void {
    this.unregister = addDeferredKind({ ...observableKind });
  }

  onApplicationShutdown(): void {
    this.unregister?.();
    this.unregister = undefined;
  }
}
