import { Controller, type Type, VERSION_NEUTRAL } from '@nestjs/common';
import { MetricsController } from './metrics.controller.js';
import type { PrometheusModuleOptions } from './options.js';

// Nest's own key; the package does not export it.
const PATH_METADATA = 'path';

/** The controller of one module instance, and where it stands. */
export interface PlacedController {
  readonly controller: Type<object>;
  /** Without the global prefix; always with a leading slash and without one at the end. */
  readonly path: string;
}

/**
 * Makes the controller class of one module instance. It is a class of its own, because Nest keeps the path on the
 * class: with a shared one, the second app of a process would move the endpoint of the first.
 */
export function metricsControllerAt({ controller, path }: PrometheusModuleOptions): PlacedController | undefined {
  if (controller === false) return undefined;
  const base = controller ?? MetricsController;
  const own: unknown = Reflect.getMetadata(PATH_METADATA, base);
  const place = withSlash(path ?? (typeof own === 'string' ? own : 'metrics'));
  if (path === undefined && own !== undefined) return { controller: base, path: place };
  const placed = class extends base {};
  Object.defineProperty(placed, 'name', { value: base.name });
  // Neutral: the URL does not change when the app turns versioning on.
  Controller({ path: place, version: VERSION_NEUTRAL })(placed);
  return { controller: placed, path: place };
}

function withSlash(path: string): string {
  return `/${path.replace(/^\/+|\/+$/g, '')}`;
}
