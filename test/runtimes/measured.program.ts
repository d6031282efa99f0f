import { Hono } from 'hono';
import { fetchHandler } from 'promark';
import { httpMetrics as forFetch } from 'promark/fetch';
import { httpMetrics as forHono } from 'promark/hono';

type Handler = (request: Request) => Response | Promise<Response>;

declare const Bun: {
  serve(options: { hostname: string; port: number; routes?: object; fetch: Handler }): { url: URL };
};
declare const Deno: {
  serve(options: { hostname: string; port: number; onListen(): void }, handler: Handler): { addr: { port: number } };
};

// With the routes of test/http/rules.ts, and two that end the body of `/stream`.
const options = { responseSize: true, ignore: ['/end', '/fail'] };
const scrape = fetchHandler();
let stream: ReadableStreamDefaultController | undefined;

const streaming = (type: string) => {
  const start = (controller: ReadableStreamDefaultController) => {
    stream = controller;
    controller.enqueue(new TextEncoder().encode('data: 1\n\n'));
  };
  return new Response(new ReadableStream({ start }), { headers: { 'content-type': type } });
};
const order = () => new Response('order');
const routes: Record<string, Record<string, () => Response>> = {
  '/orders/:id': { GET: order, HEAD: order },
  '/fails/:id': {
    GET: () => {
      throw new Error('on purpose');
    },
  },
  '/stream': { GET: () => streaming('text/plain') },
  '/events': { GET: () => streaming('text/event-stream') },
};

function others(request: Request): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '/scrape') return scrape(request);
  if (pathname === '/closed/x') return new Response('no', { status: 401 });
  if (pathname === '/end') stream?.close();
  else if (pathname === '/fail') stream?.error(new Error('on purpose'));
  else return new Response('none', { status: 404 });
  return new Response('done');
}

/** A router such as programs for Deno have. */
function templateOf(request: Request): string | undefined {
  const { pathname } = new URL(request.url);
  const template = Object.keys(routes).find((path) => new RegExp(`^${path.replace(':id', '[^/]+')}$`).test(pathname));
  return template !== undefined && request.method in routes[template] ? template : undefined;
}

function withHono(): Handler {
  const app = new Hono();
  app.use(forHono(options));
  for (const [path, { GET }] of Object.entries(routes)) app.get(path, GET);
  app.notFound((c) => others(c.req.raw));
  app.onError((_, c) => c.text('failed', 500));
  return app.fetch;
}

function withFetch(): Handler {
  const measure = forFetch(options);
  return measure(templateOf, (request) => {
    const template = templateOf(request);
    return template === undefined ? others(request) : routes[template][request.method]();
  });
}

const isHono = process.env.APP === 'hono';
const address = { hostname: '127.0.0.1', port: 0 };
if (typeof Deno === 'object') {
  const { addr } = Deno.serve({ ...address, onListen: () => {} }, isHono ? withHono() : withFetch());
  console.log(`http://127.0.0.1:${addr.port}`);
} else if (isHono) {
  console.log(Bun.serve({ ...address, fetch: withHono() }).url.origin);
} else {
  const measure = forFetch(options);
  console.log(Bun.serve({ ...address, routes: measure.routes(routes), fetch: measure(others) }).url.origin);
}
