import type { IncomingMessage } from 'node:http';
import type { CanActivate, Type } from '@nestjs/common';
import type {
  DefaultMetricsCollectorConfiguration,
  HttpClientMetricsOptions,
  HttpMetricsOptions,
  HttpServerOptions,
  LabelValue,
  MultiprocessOptions,
  PushEveryParameters,
  PushgatewayOptions,
  Registry,
  RegistryContentType,
  ServerAuth,
} from '../lib/index.js';

/** The clients that may scrape the endpoint. */
export type EndpointAuth =
  | ServerAuth
  /** Returns whether a request may scrape. If it throws, the request is refused and the registry logs the error. */
  | ((request: IncomingMessage) => boolean | Promise<boolean>);

/** Options of `collectDefaultMetrics` except the registry, which is the module's. */
export type DefaultMetricsOptions = Omit<DefaultMetricsCollectorConfiguration, 'register'>;

/** Options of `startHttpServer` except the registry, which is the module's, and the path, which is `path`. */
export type MetricsServerOptions = Omit<HttpServerOptions, 'registry' | 'path'>;

/** Options of `multiprocess` except the registry, which is the module's. */
export type NestMultiprocessOptions = Omit<MultiprocessOptions, 'registry'>;

/** Options that decide which providers and controllers the module has. `forRootAsync` takes them next to its factory. */
export interface PrometheusModuleShape {
  /**
   * `false` for no endpoint, or your own class that extends `MetricsController`. Default: `MetricsController`, or none
   * with a `server`.
   */
  readonly controller?: false | Type<object>;
  /** Guards of the endpoint, in addition to those of your `controller`: classes or instances. Default: none. */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[];
  /** Whether every module of the app can inject this module's exports. Default: true. */
  readonly global?: boolean;
}

/** Options that may come from a factory. */
export interface PrometheusModuleSettings {
  /** The registry that the endpoint exposes and that the app's decorated methods record in. Default: `register`. */
  readonly registry?: Registry;
  /** The path of the endpoint. Default: `/metrics`, or the path of your own `controller`. */
  readonly path?: string;
  /**
   * The path of the live page, such as `/live`; clients that are not browsers get the metrics there. Guards, prefix and
   * `auth` are those of the endpoint. Default: no page.
   */
  readonly page?: string;
  /** Whether the endpoint is under the app's global prefix (`/api/metrics`). Default: false. */
  readonly underGlobalPrefix?: boolean;
  /**
   * Whether scrapes bypass the app's global guards, interceptors, pipes, filters and throttles. `auth` still applies.
   * Default: false.
   */
  readonly outside?: boolean;
  /**
   * The clients that may scrape the endpoint, or a `server` without an `auth` of its own; for a server, it cannot be a
   * function. Default: every client that passes the app's guards, or that reaches the server.
   */
  readonly auth?: EndpointAuth;
  /**
   * Whether to collect default metrics (process, garbage collector, event loop, heap), or their options. Default: true.
   */
  readonly defaultMetrics?: boolean | DefaultMetricsOptions;
  /** Labels to add to every series of the registry that does not have them. Default: the registry's. */
  readonly defaultLabels?: { readonly [label: string]: LabelValue };
  /** Prefix of every family name of the registry, such as `shop_`. Default: the registry's. */
  readonly prefix?: string;
  /** Whether to measure HTTP requests by method, route and status code, or the options. Default: true. */
  readonly http?: boolean | NestHttpOptions;
  /** Whether to measure the requests that the program sends, or the options. Default: false. */
  readonly httpClient?: boolean | Omit<HttpClientMetricsOptions, 'registry'>;
  /**
   * Whether to measure handlers of microservices, WebSocket gateways, GraphQL resolvers, events, queues, scheduled jobs,
   * commands and queries. Default: true.
   */
  readonly handlers?: boolean;
  /**
   * A metrics server on a port of its own, in place of the endpoint: the port, or options of `startHttpServer` such as
   * `tls`. Default: none.
   */
  readonly server?: number | MetricsServerOptions;
  /**
   * Whether pages include all processes of the app, or options of `multiprocess` such as `dir`. Without a `dir`, the
   * workers of a cluster share a temporary folder. Default: whether the variable `PROMETHEUS_MULTIPROC_DIR` is set.
   */
  readonly multiprocess?: boolean | NestMultiprocessOptions;
  /** Pushes the metrics to a Pushgateway periodically and when the app closes. Default: no push. */
  readonly pushgateway?: PushOptions;
}

/** Options of `PrometheusModule.forRoot`, all optional. */
export interface PrometheusModuleOptions extends PrometheusModuleShape, PrometheusModuleSettings {}

/** Options of the Pushgateway and of `pushEvery`. */
export interface PushOptions
  extends PushgatewayOptions,
    Pick<PushEveryParameters, 'jobName' | 'groupings' | 'add' | 'onError' | 'lastPushTimeoutMs'> {
  /** The gateway's URL, such as `http://127.0.0.1:9091`. */
  readonly url: string | URL;
  /** Interval between pushes in milliseconds. Default: 15 000. */
  readonly intervalMs?: number;
}

/**
 * Options of HTTP metrics except the registry, which is the module's. The module's endpoint is not measured by default.
 */
export type NestHttpOptions = Omit<HttpMetricsOptions, 'registry'>;

/** `defaultMetrics` of `PrometheusModule.register`. The content type has no effect. */
export interface PrometheusDefaultMetrics<_T extends RegistryContentType = RegistryContentType> {
  /** Whether default metrics are collected. Default: true. */
  readonly enabled?: boolean;
  /** Options of `collectDefaultMetrics`. */
  readonly config?: DefaultMetricsOptions;
}

/**
 * Options of `PrometheusModule.register`: those of `@willsoto/nestjs-prometheus`, and the options of `forRoot` that it
 * lacks, such as `http` and `handlers`, whose default is false here. The content type has no effect.
 */
export interface PrometheusOptions<_T extends RegistryContentType = RegistryContentType>
  extends Omit<PrometheusModuleOptions, 'controller' | 'defaultMetrics' | 'defaultLabels' | 'pushgateway'> {
  /** Whether other modules can use the module's exports without importing it. Default: false. */
  readonly global?: boolean;
  /** Prefix for the names of metrics of `makeCounterProvider` and the like, followed by `_`. Default: none. */
  readonly customMetricPrefix?: string;
  /** A controller in place of `PrometheusController`, which it may extend. */
  readonly controller?: Type<unknown>;
  readonly defaultMetrics?: PrometheusDefaultMetrics;
  /** Labels added to every series that does not have them. Default: none. */
  readonly defaultLabels?: object;
  /** Provides a `Pushgateway` for injection. It pushes nothing on its own. */
  readonly pushgateway?: { readonly url: string; readonly options?: unknown; readonly registry?: Registry };
}

/** Options with the defaults of `@willsoto/nestjs-prometheus` applied. */
export type PrometheusOptionsWithDefaults<T extends RegistryContentType = RegistryContentType> = Required<
  Pick<PrometheusOptions<T>, 'global' | 'controller' | 'path' | 'defaultMetrics' | 'defaultLabels'>
>;

/** The result of a factory of `registerAsync`. */
export type PrometheusUseFactoryOptions<T extends RegistryContentType = RegistryContentType> = Omit<
  PrometheusOptions<T>,
  'controller'
>;
