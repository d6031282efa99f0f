import type { GaugeChild } from '../metrics/gauge.js';
import type { Faults } from '../model/faults.js';
import type { Registry } from '../registry/registry.js';
import { httpFamilies } from './families.js';
import type { HttpMetricsOptions } from './options.js';
import { RouteChildren } from './route-children.js';

/** The series of a recorder, for as long as the registry keeps their families. */
export class HttpSeries {
  readonly duration: RouteChildren;
  readonly requestSize: RouteChildren | undefined;
  readonly responseSize: RouteChildren | undefined;
  /** Whether an exemplar would be kept. */
  readonly hasExemplars: boolean;
  private readonly inProgressOf: ((method: string) => GaugeChild) | undefined;
  private readonly inProgressBy = new Map<string, GaugeChild>();
  private readonly generation: number;

  constructor(
    private readonly registry: Registry,
    options: HttpMetricsOptions,
  ) {
    const { duration, inProgress, requestSize, responseSize } = httpFamilies(registry, options);
    this.generation = registry.generation;
    this.hasExemplars = duration.enableExemplars;
    this.duration = new RouteChildren(duration);
    this.requestSize = requestSize && new RouteChildren(requestSize);
    this.responseSize = responseSize && new RouteChildren(responseSize);
    this.inProgressOf = inProgress && ((method) => inProgress.labels(method));
  }

  /** Where faults are told. */
  get faults(): Faults {
    return this.registry.faults;
  }

  /** Whether families have left the registry since, perhaps these. */
  get isStale(): boolean {
    return this.registry.generation !== this.generation;
  }

  /** The requests of a method that are in progress; undefined where that is not wanted. */
  inProgress(method: string): GaugeChild | undefined {
    if (this.inProgressOf === undefined) return undefined;
    let child = this.inProgressBy.get(method);
    if (child === undefined || child.row < 0) {
      child = this.inProgressOf(method);
      this.inProgressBy.set(method, child);
    }
    return child;
  }
}
