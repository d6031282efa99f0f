/** What docs/performance.md shows: the cases of each part, by group and name. */
export const TOPICS = [
  {
    title: 'Recording',
    file: 'recording',
    cases: ['core inc-child', 'core observe', 'core summary', 'core summary-error'],
  },
  {
    title: 'Recording by labels',
    file: 'labels',
    cases: ['object', 'set', 'observe', 'one', 'two', 'five', 'eight', 'order', 'number', 'positional', 'curried'].map(
      (way) => `core labels-${way}`,
    ),
  },
  { title: 'Growth', file: 'growth', cases: ['core growth'] },
  { title: 'Timers', file: 'timers', cases: ['core timers'] },
  { title: 'New series', file: 'series', cases: ['core series-fresh', 'core series', 'core series-1m'] },
  {
    title: 'Pages of counters',
    file: 'pages',
    cases: ['core page-1k', 'core page-100k', 'core page-1m', 'core text-100k'],
  },
  {
    title: 'Pages of fractions and of histograms',
    file: 'fractions',
    cases: ['core page-100k-gauges', 'core numbers', 'core page-100k-histograms'],
  },
  { title: 'Protobuf pages', file: 'protobuf', cases: ['native protobuf-100k', 'native protobuf-histograms'] },
  {
    title: 'Native histograms',
    file: 'native',
    cases: ['native native-observe', 'native native-memory-classic', 'native native-error'],
  },
  { title: 'Memory', file: 'memory', cases: ['core memory-counters', 'core memory-histograms'] },
  {
    title: 'Decorators among 170 instrumented methods',
    file: 'decorators',
    cases: [
      'timed',
      'timedStaticLabel',
      'timedArgumentLabel',
      'timedThreeLabels',
      'timedWithExemplars',
      'timedWithExemplarsBesideLeast',
      'counted',
      'inProgress',
      'asyncTimed',
      'asyncTimedBesideWrapper',
    ].map((name) => `decorators ${name}-among`),
  },
  {
    title: 'Loading and the server',
    file: 'loading',
    cases: [
      'core import',
      'core import-nest',
      'core bundle',
      'server start-0',
      'server start-10000',
      'server server-inc',
      'server server-scrapes',
      'server server-scrapes-asking',
    ],
  },
  { title: 'Requests of a Nest app', file: 'nest', cases: ['http nest-express', 'http nest-express-least'] },
];
