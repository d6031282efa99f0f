import { type Registry, register } from '../lib/index.js';
import type { PrometheusModuleOptions } from './options.js';

/** The registry of an app, with its default labels. Called when the app starts, once for each. */
export function registryFor({ registry = register, defaultLabels }: PrometheusModuleOptions): Registry {
  if (defaultLabels !== undefined) registry.setDefaultLabels(defaultLabels);
  return registry;
}
