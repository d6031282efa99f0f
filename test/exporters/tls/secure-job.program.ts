import { startHttpServer } from 'promark';
import { serverPair } from './certificates.js';

// A job that serves its metrics while it runs, which is until SIGTERM.
const server = await startHttpServer({
  port: 0,
  host: '127.0.0.1',
  tls: serverPair,
  thread: process.env.THREAD === 'yes',
});
console.log(server.url);
const working = setInterval(() => {}, 1000);
process.once('SIGTERM', () => clearInterval(working));
