// Content types that are also used outside of the module of their format, which then need not be loaded.

/** Text 0.0.4. */
export const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** OpenMetrics 1.0. */
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Families with all their samples. */
export const JSON_TYPE = 'application/json';

/** A registry's manifest. */
export const MANIFEST_TYPE = 'application/vnd.promark.manifest+json';
