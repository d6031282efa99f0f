import { counters, histograms, measure } from '../core/pages.mjs';
import { ofClients } from '../harness/clients.mjs';

const ACCEPT = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/** promark's protobuf page next to the peers' text page, the only one they have. */
function protobuf(name, kind, series, what, targets = {}) {
  const row = (work, value, more) => ({ work: `${what}, ${work}`, value, unit: 'ms', against: 'peers', ...more });
  return {
    name,
    rows: [
      row('first page', 'first', { atLeast: targets.first }),
      row('all changed', 'all', { atLeast: targets.all }),
      row('1 % changed', 'few', { atLeast: targets.few }),
      row('none changed', 'none'),
      row('longest stall, all changed', 'allStall', { against: 'itself', atMost: 20 }),
    ],
    work: ofClients((client, options) => {
      if (client.name !== 'promark') return measure(client, kind, series, options);
      const scrape = (registry) => registry.render(ACCEPT);
      return measure({ ...client, scrape, linesOf: (page) => metricsIn(page) * kind.lines }, kind, series, options);
    }),
  };
}

export default [
  protobuf('protobuf-100k', counters, 100_000, 'protobuf page of 100 000 series', { first: 4, all: 10, few: 10 }),
  protobuf('protobuf-histograms', histograms, 7_140, 'protobuf page of 7 140 histograms'),
];

/** Counts the metrics of all families, using the lengths that precede them. */
function metricsIn({ body }) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = body[at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  let metrics = 0;
  while (at < body.length) {
    const end = varint() + at;
    while (at < end) {
      const tag = varint();
      if (tag === 0x22) metrics += 1;
      const skipped = varint();
      if ((tag & 7) === 2) at += skipped;
    }
  }
  return metrics;
}
