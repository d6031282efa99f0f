import * as client from 'promark';

new client.Counter({ name: 'counted_total', help: 'A count' }).inc();
