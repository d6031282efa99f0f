import { writeSync } from 'node:fs';
import { collectDefaultMetrics, startHttpServer } from 'promark';

// Blocks its main thread from the moment its server listens until it is killed.

collectDefaultMetrics();
const server = await startHttpServer({ port: 0, host: '127.0.0.1', thread: true });
// Written synchronously: nothing asynchronous gets a turn any more.
writeSync(1, `${server.url}\n`);
for (;;);
