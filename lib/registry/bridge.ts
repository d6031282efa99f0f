import { parseText } from '../formats/parser/text-parser.js';
import type { Registrable } from '../metrics/metric-registry.js';
import { ConfigError, show } from '../model/errors.js';
import type { FamilySnapshot } from '../model/family.js';
import { checkOption } from '../model/options.js';
import { type MetricObject, metricObject, snapshotOfObject } from '../promclient/metric-object.js';
import { checkFamily } from './collector.js';
import { defaultRegister } from './default-registry.js';
import type { Registry } from './registry.js';
import { registryRule } from './registry-options.js';

/** A registry of prom-client or of `@prometheus-io/client`. */
export interface PromClientRegistry {
  getMetricsAsJSON(): Promise<readonly object[]>;
  registerMetric(metric: unknown): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
}

/** The PrometheusExporter of OpenTelemetry, which may run with `preventServerStart`. */
export interface OpenTelemetryExporter {
  getMetricsRequestHandler(request: unknown, response: unknown): void;
}

/** Ends a bridge. */
export interface Bridge extends Disposable {
  /** Removes from each page the families of the other. */
  stop(): void;
}

/**
 * Shows the families of both registries on each page, for programs whose libraries use different clients. This
 * registry's page shows those of `other`. A registry of prom-client or `@prometheus-io/client` also shows those of
 * promark; for an OpenTelemetry exporter, use `RegistryMetricProducer`. If both have a family of the same name, each
 * page shows its own, which is logged once.
 *
 * @param other The other registry, or OpenTelemetry's PrometheusExporter.
 * @param registry Default: the default registry, `register`.
 *
 * @example
 * import * as promClient from 'prom-client';
 * bridge(promClient.register);
 */
export function bridge(
  other: PromClientRegistry | OpenTelemetryExporter,
  registry: Registry = defaultRegister,
): Bridge {
  const shown = new Map<Registrable, object>();
  const source = sourceOf(other);
  checkOption('bridge', 'registry', registry, registryRule);
  const collector = {
    name: 'bridge',
    collect: async () => {
      const views = new Set([...shown.keys()].map(nameOf));
      const families = (await source.families()).filter(({ name }) => !views.has(name));
      const duplicates = families.filter(({ name }) => registry.getSingleMetric(name) !== undefined);
      for (const { name } of duplicates) warnOfBoth(registry, name);
      return families.filter((family) => !duplicates.includes(family));
    },
  };
  registry.registerCollector(collector);
  const unobserve = source.registry && registry.observe(showIn(source.registry, registry, shown));
  const stop = (): void => {
    registry.removeCollector(collector);
    unobserve?.();
    for (const metric of shown.keys()) source.registry?.removeSingleMetric(nameOf(metric));
    shown.clear();
  };
  return { stop, [Symbol.dispose]: stop };
}

interface BridgedSource {
  families(): Promise<FamilySnapshot[]>;
  readonly registry?: PromClientRegistry;
}

function sourceOf(other: PromClientRegistry | OpenTelemetryExporter): BridgedSource {
  if (typeof (other as Partial<OpenTelemetryExporter> | undefined)?.getMetricsRequestHandler === 'function') {
    return { families: async () => parseText(await pageOf(other as OpenTelemetryExporter)) };
  }
  const registry = other as PromClientRegistry;
  if (typeof registry?.getMetricsAsJSON === 'function' && typeof registry.registerMetric === 'function') {
    const families = async () => ((await registry.getMetricsAsJSON()) as MetricObject[]).map(familyOf);
    return { families, registry };
  }
  throw new ConfigError(
    "bridge takes a registry of prom-client or @prometheus-io/client, or OpenTelemetry's PrometheusExporter; got " +
      `${show(other)}.`,
  );
}

function familyOf({ name, help, type, values }: MetricObject): FamilySnapshot {
  return checkFamily(snapshotOfObject({ name, help, type, values }));
}

/** The exporter only writes its page to an HTTP response. */
function pageOf(exporter: OpenTelemetryExporter): Promise<string> {
  return new Promise((resolve) => {
    exporter.getMetricsRequestHandler({}, { statusCode: 200, setHeader() {}, end: (page: string) => resolve(page) });
  });
}

/** Returns an observer that registers each family of a registry in that of another library, until it is removed. */
function showIn(other: PromClientRegistry, registry: Registry, shown: Map<Registrable, object>) {
  return {
    add(metric: Registrable): void {
      if (other.getSingleMetric(nameOf(metric)) !== undefined) {
        warnOfBoth(registry, metric.name);
        return;
      }
      const view = viewOf(metric);
      shown.set(metric, view);
      other.registerMetric(view);
    },
    remove(metric: Registrable): void {
      if (!shown.delete(metric)) return;
      other.removeSingleMetric(nameOf(metric));
    },
    configure(): void {},
  };
}

/** Returns the name of a metric in text 0.0.4. */
function nameOf({ type, name }: Registrable): string {
  return type === 'info' ? `${name}_info` : name;
}

/** Returns a metric for a registry of prom-client, with a type that text 0.0.4 has. */
function viewOf(metric: Registrable): object {
  const { help, labelNames, aggregator = 'sum' } = metric;
  const name = nameOf(metric);
  const type = TYPES.get(metric.type) ?? metric.type;
  return {
    ...{ name, help, type, labelNames, aggregator },
    get: async () => {
      await metric.refresh?.();
      return { ...metricObject(metric), name, type };
    },
    reset: () => metric.reset(),
  };
}

const TYPES = new Map([
  ['info', 'gauge'],
  ['stateset', 'gauge'],
  ['gaugehistogram', 'untyped'],
  ['unknown', 'untyped'],
]);

function warnOfBoth(registry: Registry, name: string): void {
  registry.faults.warn(`bridge: both registries have a family "${name}". Each page shows its own; rename one of them.`);
}
