import { type Registry, register } from '../lib/index.js';
import type { PrometheusModuleSettings } from './options.js';

/** The registry of an app, with its default labels and prefix. Called when the app starts, once for each. */
export function registryFor({ registry = register, defaultLabels, prefix }: PrometheusModuleSettings): Registry {
  if (defaultLabels !== undefined) registry.setDefaultLabels(defaultLabels);
  if (prefix !== undefined) registry.setPrefix(prefix);
  return registry;
}
