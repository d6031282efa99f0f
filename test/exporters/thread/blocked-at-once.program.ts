import { writeSync } from 'node:fs';
import { collectDefaultMetrics, startHttpServer } from 'promark';

// Stands still from the moment at which its server listens, until it is ended.

collectDefaultMetrics();
const server = await startHttpServer({ port: 0, host: '127.0.0.1', thread: true });
// Written at once: nothing asynchronous gets a turn any more.
writeSync(1, `${server.url}\n`);
for (;;);
