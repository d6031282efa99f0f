import { RequestMethod } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';

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
