import { startHttpServer } from 'promark';

// A job that is served while it runs, which is until it is told that it is done.
const server = await startHttpServer(0);
console.log(server.url);
const working = setInterval(() => {}, 1000);
process.once('SIGTERM', () => clearInterval(working));
