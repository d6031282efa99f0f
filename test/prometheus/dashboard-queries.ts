/** What is read of a dashboard of Grafana. */
export interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

/** The values of a dashboard's variables, as regular expressions. Default: any. */
export interface Variables {
  readonly job?: string;
  readonly instance?: string;
}

/** The queries of a dashboard as Grafana sends them, each with the title of its panel. */
export function queriesOf(
  { panels }: Dashboard,
  variables: Variables = {},
): { readonly title: string; readonly query: string }[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, query: withVariables(expr, variables) })),
  );
}

/** A query as Grafana sends it, with a range that Prometheus has soon when it scrapes once a second. */
export function withVariables(query: string, { job = '.+', instance = '.+' }: Variables = {}): string {
  return query
    .replaceAll('$__rate_interval', '10s')
    .replaceAll('$__range', '10s')
    .replaceAll('$job', job)
    .replaceAll('$instance', instance);
}
