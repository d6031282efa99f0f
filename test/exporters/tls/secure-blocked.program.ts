import { writeSync } from 'node:fs';
import { Counter, startHttpServer } from 'promark';
import { authority, serverPair } from './certificates.js';

// Blocks its main thread from the moment its server listens until it is killed.

const turns = new Counter({ name: 'turns_total', help: 'Turns of the loop' });
const server = await startHttpServer({
  port: 0,
  host: '127.0.0.1',
  tls: { ...serverPair, ca: authority },
  auth: { bearer: 'token' },
});
// Written synchronously: nothing asynchronous gets a turn any more.
writeSync(1, `${server.url}\n`);
for (;;) turns.inc();
