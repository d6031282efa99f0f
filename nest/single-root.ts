import type { Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { ConfigError } from '../lib/index.js';

/** Refuses an app that has the root module twice: two of them would fight over its instances. Throws ConfigError. */
export function checkSingleRoot(modules: ModulesContainer, root: Type<object>): void {
  const all = [...modules.values()];
  const roots = all.filter(({ metatype }) => metatype === root);
  if (roots.length < 2) return;
  const names = all.filter((module) => imports(module.metatype, root)).map(({ name }) => name);
  const where = names.length === 0 ? '' : `, by ${[...new Set(names)].join(' and ')}`;
  throw new ConfigError(
    `PrometheusModule.forRoot is imported ${roots.length} times in one app${where}. Import it once, in the app's root ` +
      'module; it is global. Other modules add metrics by PrometheusModule.forFeature.',
  );
}

/** By what the class says: a global module stands among the imports of every module of the app. */
function imports(module: object, root: object): boolean {
  const imported: unknown = Reflect.getMetadata('imports', module);
  return Array.isArray(imported) && imported.some((one: { module?: unknown } | undefined) => one?.module === root);
}
