import { Inject } from '@nestjs/common';

// Symbol.for: an app may have the ESM and the CommonJS copy of promark loaded, and both have to mean the same provider.

// What Nest shows of a symbol that it cannot resolve is its description, so that one says what to write.

/** The token of the registry, for `useFactory` providers and for `overrideProvider` in tests. */
export const REGISTRY = Symbol.for('registry of promark: import PrometheusModule.forRoot() in the root module');

/** The token of the metric of a name; the definitions of a `forFeature` answer to it. */
export function nameToken(name: string): symbol {
  return Symbol.for(metricDescription(name));
}

/** What a metric's token says of itself, for Nest's message when no module provides it. */
export function metricDescription(name: string): string {
  return `metric "${name}": import PrometheusModule.forFeature([…]) with its definition in this module`;
}

/** The token of the options, whichever way they were given. */
export const OPTIONS = Symbol.for('promark.nest.options');

/** The token of the endpoint's controller class; undefined where there is none. */
export const ENDPOINT = Symbol.for('promark.nest.endpoint');

/** The token of who keeps the metrics that services bring up to date. */
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
