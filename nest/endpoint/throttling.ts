import type { Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';

// Keys of @nestjs/throttler, which need not be installed. Each comes with the name of a throttle.
const OPTIONS = 'THROTTLER:MODULE_OPTIONS';
const SKIP = 'THROTTLER:SKIP';
const LIMIT = 'THROTTLER:LIMIT';

const UNNAMED = 'default';

/**
 * Takes the endpoint out of the app's throttles, as `@SkipThrottle` does for those that it names. What a controller of
 * your own says of a throttle by `@Throttle` or `@SkipThrottle` holds. To be called when the app's providers are there.
 */
export function skipThrottles(endpoint: Type<object>, modules: ModulesContainer): void {
  const places = [endpoint, ...handlersOf(endpoint)];
  for (const name of throttlesIn(modules)) {
    const isSaid = places.some((place) => [SKIP, LIMIT].some((key) => Reflect.hasMetadata(key + name, place)));
    if (!isSaid) Reflect.defineMetadata(SKIP + name, true, endpoint);
  }
}

/** The names of the throttles that are configured: a list, or options with a list. */
function throttlesIn(modules: ModulesContainer): Set<string> {
  const names = new Set([UNNAMED]);
  for (const { providers } of modules.values()) {
    const options: unknown = providers.get(OPTIONS)?.instance;
    const { throttlers = options } = (options ?? {}) as { readonly throttlers?: unknown };
    if (!Array.isArray(throttlers)) continue;
    for (const { name = UNNAMED } of throttlers as readonly { readonly name?: string }[]) names.add(name);
  }
  return names;
}

function handlersOf({ prototype }: Type<object>): object[] {
  const methods = prototype as Record<string, object | undefined>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => methods[name] ?? []);
}
