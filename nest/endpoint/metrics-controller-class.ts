import { Controller, type Type, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { EndpointAuthGuard } from '../auth/endpoint-auth.guard.js';
import type { PrometheusModuleShape } from '../options.js';
import { MetricsController } from './metrics.controller.js';

// Nest's own keys; the package does not export them.
const PATH_METADATA = 'path';
const VERSION_METADATA = '__version__';

/**
 * Makes the controller class of one module instance. It is a class of its own, because Nest keeps path and guards on
 * the class: with a shared one, the second app of a process would move the endpoint of the first.
 */
export function metricsControllerClass({ controller, guards = [] }: PrometheusModuleShape): Type<object> | undefined {
  if (controller === false) return undefined;
  const made = subclass(controller ?? MetricsController);
  UseGuards(EndpointAuthGuard, ...guards)(made);
  if (!Reflect.hasMetadata(PATH_METADATA, made)) Controller('/metrics')(made);
  // Neutral: nothing changes for scrapers when the app turns versioning on.
  if (Reflect.getMetadata(VERSION_METADATA, made) === undefined) {
    Reflect.defineMetadata(VERSION_METADATA, VERSION_NEUTRAL, made);
  }
  return made;
}

/** The same controller at another path, such as `/internal/metrics`. */
export function movedTo(path: string, controller: Type<object>): Type<object> {
  const made = subclass(controller);
  Reflect.defineMetadata(PATH_METADATA, path, made);
  return made;
}

/** The paths that a controller's `@Controller` says, as `withSlash` gives them. */
export function pathsOf(controller: object): string[] {
  const paths = [Reflect.getMetadata(PATH_METADATA, controller) as unknown].flat();
  return paths.filter((path): path is string => typeof path === 'string').map(withSlash);
}

/** A path with a slash at its beginning and none at its end. */
export function withSlash(path: string): string {
  return `/${path.replace(/^\/+|\/+$/g, '')}`;
}

function subclass(base: Type<object>): Type<object> {
  const made = class extends base {};
  Object.defineProperty(made, 'name', { value: base.name });
  return made;
}
