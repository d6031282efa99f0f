import type { Type } from '@nestjs/common';
import type { DefaultMetricsCollectorConfiguration, LabelValue, Registry } from '../lib/index.js';

/** What `collectDefaultMetrics` takes, apart from the registry, which is the module's. */
export type DefaultMetricsOptions = Omit<DefaultMetricsCollectorConfiguration, 'register'>;

/** What `PrometheusModule.forRoot` takes. Every option may be left out. */
export interface PrometheusModuleOptions {
  /** Whose metrics the endpoint shows, and where the app's decorated methods record. Default: `register`. */
  readonly registry?: Registry;
  /** Where the endpoint stands. Default: `/metrics`, or what the `@Controller` of your own `controller` says. */
  readonly path?: string;
  /** Whether the endpoint stands under the app's global prefix (`/api/metrics`). Default: false, at the root. */
  readonly underGlobalPrefix?: boolean;
  /** `false` for no endpoint, or a class of your own that extends `MetricsController`. Default: a plain one. */
  readonly controller?: false | Type<object>;
  /** Whether to report on process, garbage collector, event loop and heap, and how. Default: true. */
  readonly defaultMetrics?: boolean | DefaultMetricsOptions;
  /** Labels of every series of the registry that has none of the name itself. Default: the registry's. */
  readonly defaultLabels?: { readonly [label: string]: LabelValue };
  /** Whether every module of the app can inject what this one provides. Default: true. */
  readonly global?: boolean;
}
