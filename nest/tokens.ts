import { Inject } from '@nestjs/common';

// Symbol.for, because an app may load both the ESM and the CommonJS copy of promark, whose tokens must be the same.
// Nest shows the description of a symbol that it cannot resolve, so that of a registry or metric says what to do.

/** The token of the registry, for `useFactory` providers and for `overrideProvider` in tests. */
export const REGISTRY = Symbol.for('registry of promark: import PrometheusModule.forRoot() in the root module');

/** For `inject`; optional, so that promark's own message says that the registry is missing. */
export const OPTIONAL_REGISTRY = { token: REGISTRY, optional: true };

/** Returns the token of a metric by its name, an alias of the token of its definition. */
export function nameToken(name: string): symbol {
  return Symbol.for(metricDescription(name));
}

/** Returns the description of a metric's token, which Nest shows when no module provides it. */
export function metricDescription(name: string): string {
  return `metric "${name}": import PrometheusModule.forFeature([…]) with its definition in this module`;
}

/** The token of the options. */
export const OPTIONS = Symbol.for('promark.nest.options');

/** The token of the options of `register` and `registerAsync`. */
export const REGISTER_OPTIONS = Symbol.for('promark.nest.registered');

/** The token of the controller classes of the endpoint. */
export const ENDPOINT = Symbol.for('promark.nest.endpoint');

/** The token of MetricUpdates. */
export const UPDATES = Symbol.for('promark.nest.updates');

/**
 * Injects the registry of the app's `PrometheusModule`.
 *
 * @example
 * constructor(@InjectRegistry() private readonly registry: Registry) {}
 */
export function InjectRegistry(): ReturnType<typeof Inject> {
  return Inject(REGISTRY);
}
