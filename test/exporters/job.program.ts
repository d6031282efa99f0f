import { startHttpServer } from 'promark';

// A job that serves its metrics while it runs, which is until SIGTERM.
const server = await startHttpServer(0);
console.log(server.url);
const working = setInterval(() => {}, 1000);
process.once('SIGTERM', () => clearInterval(working));
