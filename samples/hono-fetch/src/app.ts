import { Hono } from 'hono';
import { Counter, fetchHandler } from 'promark';

const greetings = new Counter({ name: 'greetings_total', help: 'Greetings said' });

// Once, not for each request: it bounds the scrapes that are under way.
const metrics = fetchHandler();

/** Runs wherever Hono does: `export default app` for Bun, `Deno.serve(app.fetch)` for Deno. */
export const app = new Hono()
  .get('/', (c) => {
    greetings.inc();
    return c.text('hello');
  })
  .get('/metrics', (c) => metrics(c.req.raw));
