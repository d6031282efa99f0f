import { Inject } from '@nestjs/common';
import { REGISTRY } from './tokens.js';

/**
 * Injects the registry of the app's `PrometheusModule`.
 *
 * @example
 * constructor(@InjectRegistry() private readonly registry: Registry) {}
 */
export function InjectRegistry(): ReturnType<typeof Inject> {
  return Inject(REGISTRY);
}
