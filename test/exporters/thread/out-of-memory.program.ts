import { Counter, startHttpServer } from 'promark';

// Serves its page until it is killed.
new Counter({ name: 'jobs_total', help: 'Jobs' }).inc(7);
const { url } = await startHttpServer({ port: 0, host: '127.0.0.1', keepProcessAlive: true });
console.log(url);
