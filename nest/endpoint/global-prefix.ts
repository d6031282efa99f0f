import { RequestMethod, type Type } from '@nestjs/common';
import { type ApplicationConfig, MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { ConfigError } from '../../lib/index.js';
import { joinPaths, textsOf } from './metrics-controller-class.js';

/**
 * Takes `GET path` out of the app's global prefix, beside what the app has taken out itself. To be called after the
 * app has set its prefix and before it makes its routes.
 */
export function keepOutsidePrefix(config: ApplicationConfig, path: string): void {
  const options = config.getGlobalPrefixOptions();
  const escaped = path.replace(/[.~-]/g, '\\$&');
  const exclusion = { path, requestMethod: RequestMethod.GET, pathRegex: new RegExp(`^${escaped}/?$`, 'i') };
  config.setGlobalPrefixOptions({ ...options, exclude: [...(options.exclude ?? []), exclusion] });
}

// Nest's own keys; the package does not export them.
const PATH_METADATA = 'path';
const METHOD_METADATA = 'method';
const MODULE_PATH = '__module_path__';

/**
 * Refuses a route of the app's own that would be taken out of the global prefix together with the endpoint, because
 * Nest tells routes apart by path alone. Throws ConfigError.
 */
export function refuseRivals(modules: ModulesContainer, endpoint: Type<object>, path: string): void {
  for (const { controllers, metatype: module } of modules.values()) {
    // What RouterModule says.
    const modulePath: unknown =
      Reflect.getMetadata(MODULE_PATH + modules.applicationId, module) ?? Reflect.getMetadata(MODULE_PATH, module);
    for (const [token, { metatype }] of controllers) {
      if (token === endpoint || typeof metatype !== 'function') continue;
      const rival = routesOf(metatype as Type<object>, modulePath).find((route) => route.path === path);
      if (rival === undefined) continue;
      throw new ConfigError(
        `PrometheusModule: GET ${path} under the global prefix is a route of ${metatype.name}.${rival.method}, and Nest ` +
          `cannot keep the endpoint at ${path} without moving that route there too. Say \`outside: true\`, ` +
          '`underGlobalPrefix: true` or another `path`.',
      );
    }
  }
}

function routesOf(controller: Type<object>, modulePath: unknown): { path: string; method: string }[] {
  const prototype = controller.prototype as Record<string, object>;
  const routes: { path: string; method: string }[] = [];
  for (const method of new MetadataScanner().getAllMethodNames(prototype)) {
    const handler = prototype[method];
    const verb: unknown = handler && Reflect.getMetadata(METHOD_METADATA, handler);
    if (handler === undefined || (verb !== RequestMethod.GET && verb !== RequestMethod.ALL)) continue;
    for (const base of textsOf(Reflect.getMetadata(PATH_METADATA, controller))) {
      for (const rest of textsOf(Reflect.getMetadata(PATH_METADATA, handler))) {
        routes.push({ path: joinPaths(...textsOf(modulePath), base, rest), method });
      }
    }
  }
  return routes;
}
