import type { Type } from '@nestjs/common';
import { bindRegistry, type Registry } from '../../lib/index.js';

/**
 * A class whose instances are those of another one and bound to a registry from their first moment on: what Nest makes
 * instances of that do not exist yet. It hands on whatever is said of the class: metadata, statics, name; instances
 * name the class itself as their constructor.
 */
export function boundClass(type: Type<object>, registry: Registry): Type<object> {
  const bound = class extends type {};
  Object.defineProperty(bound, 'name', { value: type.name });
  Object.defineProperty(bound.prototype, 'constructor', { value: type, configurable: true, writable: true });
  bindRegistry(bound.prototype, registry);
  return bound;
}
