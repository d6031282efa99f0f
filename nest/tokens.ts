// Symbol.for: an app may have the ESM and the CommonJS copy of promark loaded, and both have to mean the same provider.

/** The token of the registry. */
export const REGISTRY = Symbol.for('promark.nest.registry');

/** The token of what `forRoot` was given. */
export const OPTIONS = Symbol.for('promark.nest.options');

/** The token of the endpoint's path, without the global prefix; undefined where there is no endpoint. */
export const ENDPOINT = Symbol.for('promark.nest.endpoint');
