import { until } from '../support/until.js';

/** One series in the result of a query. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A native histogram as Prometheus has stored it. */
export interface StoredHistogram {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly StoredBucket[];
}

/** A non-empty bucket; which of its bounds are inclusive depends on its sign. */
export interface StoredBucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** One series' exemplars. */
export interface ExemplarSeries {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly { labels: Record<string, string>; value: string; timestamp: number }[];
}

/** The part of Prometheus' HTTP API that tests use. */
export class PrometheusApi {
  constructor(readonly url: string) {}

  /** The series that an instant query returns now. */
  async query(promql: string): Promise<Series[]> {
    interface Row {
      metric: Record<string, string>;
      value?: [number, string];
    }
    const { result } = await this.get<{ result: Row[] }>('query', { query: promql });
    // A native histogram has no value.
    return result.map(({ metric, value: [, text] = [0, 'NaN'] }) => ({ labels: metric, value: numberOf(text) }));
  }

  /** The value of a query that returns one series or none. */
  async value(promql: string): Promise<number | undefined> {
    const series = await this.query(promql);
    if (series.length > 1) throw new Error(`${promql} gives ${series.length} series: ${JSON.stringify(series)}`);
    return series[0]?.value;
  }

  /** The one native histogram that a query returns, or undefined. */
  async histogram(promql: string): Promise<StoredHistogram | undefined> {
    interface Row {
      histogram?: [number, { count: string; sum: string; buckets?: [rule: number, ...texts: string[]][] }];
    }
    const { result } = await this.get<{ result: Row[] }>('query', { query: promql });
    const stored = result[0]?.histogram?.[1];
    if (stored === undefined || result.length > 1) return undefined;
    const buckets = (stored.buckets ?? []).map(([, ...texts]) => {
      const [lower = 0, upper = 0, count = 0] = texts.map(numberOf);
      return { lower, upper, count };
    });
    return { count: numberOf(stored.count), sum: numberOf(stored.sum), buckets };
  }

  /** Exemplars of the last hour. */
  exemplars(promql: string): Promise<ExemplarSeries[]> {
    const now = Date.now() / 1000;
    return this.get('query_exemplars', { query: promql, start: String(now - 3600), end: String(now + 60) });
  }

  /** The metadata of the families on a job's pages, by name. */
  async metadata(job: string): Promise<Map<string, { type: string; help: string; unit: string }>> {
    const families = await this.get<{ metric: string; type: string; help: string; unit: string }[]>(
      'targets/metadata',
      { match_target: `{job="${job}"}` },
    );
    return new Map(families.map(({ metric, type, help, unit }) => [metric, { type, help, unit }]));
  }

  /** Resolves after a successful scrape of the job that began after this moment, in ms. */
  async untilScraped(job: string, since = 0): Promise<void> {
    // Both come from the same scrape. Prometheus may date a scrape 2 ms early, to keep its intervals even.
    const promql = `timestamp(up{job="${job}"}) > ${(since + 2) / 1000} and up{job="${job}"} == 1`;
    await until(
      `a scrape of ${job}`,
      () => this.value(promql),
      () => this.targetErrors(),
    );
  }

  /** Resolves with the query's value once it meets the condition. */
  async untilValue(promql: string, holds: (value: number) => boolean = () => true): Promise<number> {
    return until(promql, async () => {
      const value = await this.value(promql);
      return value !== undefined && holds(value) ? value : undefined;
    });
  }

  /** Why scrapes failed, for messages. */
  async targetErrors(): Promise<string> {
    const { activeTargets } = await this.get<{
      activeTargets: { scrapePool: string; health: string; lastError: string }[];
    }>('targets', {});
    return activeTargets
      .map(({ scrapePool, health, lastError }) => `${scrapePool} is ${health} ${lastError}`)
      .join('; ');
  }

  private async get<T>(endpoint: string, parameters: Record<string, string>): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${endpoint}?${new URLSearchParams(parameters)}`);
    const answer = (await response.json()) as { status: string; data: T; error?: string };
    if (answer.status !== 'success') throw new Error(`Prometheus answers: ${answer.error}`);
    return answer.data;
  }
}

function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}
