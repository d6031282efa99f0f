import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Gauge, Histogram, Summary, startHttpServer } from 'promark';

// A counter goes up only: how many, by kind.
const jobs = new Counter({ name: 'demo_jobs_total', help: 'Jobs that are done', labelNames: ['result'] });
// A gauge goes up and down: how many at this moment.
const running = new Gauge({ name: 'demo_jobs_running', help: 'Jobs under way' });
// A histogram counts by size, so that quantiles over many processes can be had from it.
const duration = new Histogram({ name: 'demo_job_seconds', help: 'How long jobs take', unit: 'seconds' });
// A summary computes the quantiles here, over a sliding window.
const waiting = new Summary({ name: 'demo_wait_seconds', help: 'How long jobs wait', percentiles: [0.5, 0.9] });

/** A job that takes up to a fifth of a second and fails now and then. */
async function job(): Promise<void> {
  await sleep(Math.random() * 200);
  if (Math.random() < 0.1) throw new Error('bad luck');
}

const server = await startHttpServer(Number(process.env.PORT ?? 8000)).catch((error: Error) => {
  // The port is none, or in use.
  console.error(error.message);
  process.exit(2);
});
console.log(`The four types are at ${server.url} until you press Ctrl-C.`);

let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
});

while (!stopped) {
  await waiting.time(() => sleep(Math.random() * 50));
  try {
    await running.trackInProgress(() => duration.time(job));
    jobs.inc({ result: 'ok' });
  } catch {
    jobs.inc({ result: 'failed' });
  }
}
await server.close();
