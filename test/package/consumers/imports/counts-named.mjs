import { Counter } from 'promark';

new Counter({ name: 'counted_total', help: 'A count' }).inc();
