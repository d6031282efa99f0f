import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { startHttpServer } from 'promark';
import { renewedPair, serverPair } from './certificates.js';

// Renews the certificate of a server whose thread has just ended and is to be started again. Nothing else keeps the process
// alive.
const threads: Worker[] = [];
process.on('worker', (thread) => threads.push(thread));
const server = await startHttpServer({ port: 0, host: '127.0.0.1', tls: serverPair });
console.log(server.url);
const [thread] = threads;
const ended = once(thread, 'exit');
await thread.terminate();
await ended;
await server.setTls(renewedPair);
console.log(`renewed, ${threads.length} threads`);
