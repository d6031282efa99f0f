import { Counter, multiprocess, startHttpServer } from 'promark';

const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['by'] });
jobs.inc({ by: 'one' });
jobs.remove({ by: 'one' });
jobs.inc({ by: 'two' });

console.log(multiprocess().isMapped ? 'mapped' : 'written at intervals');
const server = await startHttpServer({ port: 0, host: '127.0.0.1' });
console.log(await (await fetch(server.url)).text());
await server.close();
