import process from 'node:process';
import { Counter, multiprocess, startHttpServer } from 'promark';

// Shares what it counts with the other processes of a folder, until Ctrl-C ends it.

const { DIR, MAPPED, WHO = '' } = process.env;
const group = multiprocess({ dir: DIR, mapped: MAPPED !== 'no' });
const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['who'] });
jobs.inc({ who: WHO }, 3);

const server = await startHttpServer({ port: 0, host: '127.0.0.1' });
console.log(`${server.url} ${group.isMapped ? 'mapped' : 'written at intervals'}`);
setInterval(() => {}, 60_000);
process.once('SIGINT', () => process.exit());
