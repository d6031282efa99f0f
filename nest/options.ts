import type { IncomingMessage } from 'node:http';
import type { CanActivate, Type } from '@nestjs/common';
import type {
  DefaultMetricsCollectorConfiguration,
  HttpMetricsOptions,
  HttpServerOptions,
  LabelValue,
  PushEveryParameters,
  PushgatewayOptions,
  Registry,
  ServerAuth,
} from '../lib/index.js';

/** Who may scrape the endpoint. */
export type EndpointAuth =
  | ServerAuth
  /** For whom this says true. An error counts as no, and is logged by the registry. */
  | ((request: IncomingMessage) => boolean | Promise<boolean>);

/** What `collectDefaultMetrics` takes, apart from the registry, which is the module's. */
export type DefaultMetricsOptions = Omit<DefaultMetricsCollectorConfiguration, 'register'>;

/** What `startHttpServer` takes, apart from the registry, which is the module's, and the path, which is `path`. */
export type MetricsServerOptions = Omit<HttpServerOptions, 'registry' | 'path'>;

/** Options that decide what the module consists of: `forRootAsync` takes them beside its factory. */
export interface PrometheusModuleShape {
  /**
   * `false` for no endpoint, or a class of your own that extends `MetricsController`. Default: a plain one, or none
   * where there is a `server`.
   */
  readonly controller?: false | Type<object>;
  /** Guards of the endpoint, beside those of your `controller`: classes or instances. Default: none. */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[];
  /** Whether every module of the app can inject what this one provides. Default: true. */
  readonly global?: boolean;
}

/** Options that may come from a factory. */
export interface PrometheusModuleSettings {
  /** Whose metrics the endpoint shows, and where the app's decorated methods record. Default: `register`. */
  readonly registry?: Registry;
  /** Where the endpoint stands. Default: `/metrics`, or what the `@Controller` of your own `controller` says. */
  readonly path?: string;
  /** Whether the endpoint stands under the app's global prefix (`/api/metrics`). Default: false, at the root. */
  readonly underGlobalPrefix?: boolean;
  /**
   * Whether the endpoint stands outside of what the app does with its requests: no global guard, interceptor, pipe,
   * filter or throttle sees a scrape. `auth` holds nevertheless. Default: false, the app's guards are honoured.
   */
  readonly outside?: boolean;
  /**
   * Who may scrape, at the endpoint and at a `server` that has no `auth` of its own. A server cannot have a function judge.
   * Default: everybody whom the app's guards let in, and everybody who reaches the server.
   */
  readonly auth?: EndpointAuth;
  /** Whether to report on process, garbage collector, event loop and heap, and how. Default: true. */
  readonly defaultMetrics?: boolean | DefaultMetricsOptions;
  /** Labels of every series of the registry that has none of the name itself. Default: the registry's. */
  readonly defaultLabels?: { readonly [label: string]: LabelValue };
  /** Put before the name of every family of the registry: `shop_`. Default: the registry's. */
  readonly prefix?: string;
  /** Whether HTTP requests are measured by method, route and status code, and how. Default: true. */
  readonly http?: boolean | NestHttpOptions;
  /** Whether handlers of microservices, WebSocket gateways and GraphQL resolvers are measured. Default: true. */
  readonly handlers?: boolean;
  /**
   * A server of its own for the page, on another port than the app's, in place of the endpoint: its port, or what
   * `startHttpServer` takes, such as `tls`. Default: none.
   */
  readonly server?: number | MetricsServerOptions;
  /** Hands the metrics to a Pushgateway, again and again and when the app closes. Default: no push. */
  readonly pushgateway?: PushOptions;
}

/** What `PrometheusModule.forRoot` takes. Every option may be left out. */
export interface PrometheusModuleOptions extends PrometheusModuleShape, PrometheusModuleSettings {}

/** Where and how often the metrics are pushed: what a `Pushgateway` and its `pushEvery` take. */
export interface PushOptions
  extends PushgatewayOptions,
    Pick<PushEveryParameters, 'jobName' | 'groupings' | 'add' | 'onError'> {
  /** Where the gateway is, such as `http://127.0.0.1:9091`. */
  readonly url: string | URL;
  /** Milliseconds between two pushes. Default: 15 000. */
  readonly intervalMs?: number;
}

/** What is measured of HTTP requests; the registry is the module's, and the module's endpoint is left out by default. */
export type NestHttpOptions = Omit<HttpMetricsOptions, 'registry'>;
