import { MEASURED_BY, type Measured } from '../../model/excluded.js';
import { CurrentSeries, checkHttpOptions, type HttpMetricsOptions, ignoredBy } from '../families.js';
import { type FetchRoute, MeasuredFetch } from './measured-fetch.js';

/** Options of HTTP metrics of fetch handlers. */
export interface FetchMetricsOptions extends Omit<HttpMetricsOptions, 'ignore'> {
  /**
   * Requests to ignore: paths without the query, or a function. Scrapes answered by `fetchHandler` are never measured.
   * Default: `/metrics`.
   */
  readonly ignore?: readonly string[] | ((request: Request) => boolean);
}

/** Records requests of servers that turn a `Request` into a `Response`. */
export class FetchRecorder {
  readonly ignores: (request: Request) => boolean;
  private readonly series: CurrentSeries;

  /** Throws ConfigError for invalid options, and ConflictError if a family exists with another definition. */
  constructor(given: FetchMetricsOptions) {
    checkHttpOptions(given);
    const { ignore, ...options } = given;
    this.series = new CurrentSeries(options);
    this.ignores = ignoredBy(ignore, ({ url }) => url.slice(url.indexOf('/', url.indexOf('://') + 3)));
  }

  /**
   * Measures the handling of a request. If it is already being measured, only its route is set. Errors in measuring are
   * kept from the handler.
   */
  async measure(
    request: Request,
    route: FetchRoute | undefined,
    handle: () => Response | Promise<Response>,
  ): Promise<Response> {
    const measured = this.begin(request, route);
    if (measured === undefined) return handle();
    try {
      return measured.measureResponse(await handle());
    } catch (error) {
      measured.fail();
      throw error;
    }
  }

  private begin(request: Request, route: FetchRoute | undefined): MeasuredFetch | undefined {
    try {
      const marked = request as Measured;
      const outer = marked[MEASURED_BY];
      if (outer instanceof MeasuredFetch) {
        outer.setRoute(route);
        return undefined;
      }
      if (outer !== undefined || this.ignores(request)) return undefined;
      const measured = new MeasuredFetch(this.series.get(), request, route);
      marked[MEASURED_BY] = measured;
      return measured;
    } catch (error) {
      this.series.registry.faults.instrumentation('HTTP metrics', error);
      return undefined;
    }
  }
}
