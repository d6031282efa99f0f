/** What is read of a dashboard of Grafana. */
export interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

/** The values of a dashboard's variables, as regular expressions. */
export interface Variables {
  readonly job: string;
  readonly instance: string;
}

/** The queries of a dashboard as Grafana sends them, with a range that Prometheus has soon when it scrapes once a second. */
export function queriesOf({ panels }: Dashboard, { job, instance }: Variables): string[] {
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  return queries.map((query) =>
    query
      .replaceAll('$__rate_interval', '10s')
      .replaceAll('$__range', '10s')
      .replaceAll('$job', job)
      .replaceAll('$instance', instance),
  );
}
