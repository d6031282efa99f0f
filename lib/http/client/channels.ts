import type { ChannelListener } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { builtin } from '../../model/load-at-runtime.js';
import type { ClientSeries, OutgoingRequest } from './client-series.js';

/** The status of a request without a complete response: it failed, or its caller aborted it. */
const FAILED = 'error';
const ABORTED = 'aborted';

type Listeners = Readonly<Record<string, (message: never) => void>>;

/** Listens to the requests of Node's two HTTP clients. Returns a function that stops listening. */
export function listenToClients(series: ClientSeries): () => void {
  const all: Listeners = { ...undiciListeners(series), ...nodeListeners(series) };
  const listeners = Object.entries(all).map(([channel, listener]) => {
    const listen: ChannelListener = (message) => listener(message as never);
    return [channel, listen] as const;
  });
  for (const [channel, listen] of listeners) builtin('node:diagnostics_channel').subscribe(channel, listen);
  return () => {
    for (const [channel, listen] of listeners) builtin('node:diagnostics_channel').unsubscribe(channel, listen);
  };
}

interface UndiciRequest {
  readonly origin?: string | URL;
  readonly method?: string;
}

interface UndiciMessage {
  readonly request: UndiciRequest;
  readonly response?: { readonly statusCode?: number };
  readonly error?: unknown;
}

/** The requests of `fetch` and of the undici package. */
function undiciListeners(series: ClientSeries): Listeners {
  const running = new WeakMap<object, OutgoingRequest & { status?: number | undefined }>();
  return {
    'undici:request:create'({ request }: UndiciMessage) {
      const outgoing = series.begin(String(request.method), hostOf(request.origin));
      if (outgoing !== undefined) running.set(request, outgoing);
    },
    'undici:request:headers'({ request, response }: UndiciMessage) {
      const outgoing = running.get(request);
      if (outgoing !== undefined) outgoing.status = response?.statusCode;
    },
    // After the body, whether there are trailers or not.
    'undici:request:trailers'({ request }: UndiciMessage) {
      const outgoing = take(running, request);
      if (outgoing !== undefined) series.end(outgoing, String(outgoing.status));
    },
    'undici:request:error'({ request, error }: UndiciMessage) {
      const outgoing = take(running, request);
      if (outgoing !== undefined) series.end(outgoing, statusOfError(error));
    },
  };
}

function hostOf(origin: string | URL | undefined): string {
  const text = String(origin);
  // `new URL` would take longer than everything else here.
  const start = text.indexOf('://') + 3;
  return start < 3 ? text : text.slice(start);
}

interface NodeMessage {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
  readonly error?: unknown;
}

/** The requests of `node:http` and `node:https`, which most other clients are built on. */
function nodeListeners(series: ClientSeries): Listeners {
  const running = new WeakMap<object, OutgoingRequest>();
  const end = (request: object, status: string): void => {
    const outgoing = take(running, request);
    if (outgoing !== undefined) series.end(outgoing, status);
  };
  return {
    'http.client.request.start'({ request }: NodeMessage) {
      const outgoing = series.begin(request.method, String(request.getHeader('host') ?? request.host));
      if (outgoing !== undefined) running.set(request, outgoing);
    },
    'http.client.request.error'({ request, error }: NodeMessage) {
      end(request, statusOfError(error));
    },
    // Despite its name, this comes with the headers of the response.
    'http.client.response.finish'({ request, response }: NodeMessage) {
      if (!running.has(request)) return;
      response.once('close', () => {
        if (response.complete) end(request, String(response.statusCode));
        else end(request, response.errored ? statusOfError(response.errored) : ABORTED);
      });
    },
  };
}

/** Removes and returns a request that has ended; undefined if it is not measured or was already taken. */
function take<R>(running: WeakMap<object, R>, request: object): R | undefined {
  const outgoing = running.get(request);
  running.delete(request);
  return outgoing;
}

/** `instanceof` would fail: a DOMException belongs to Node's own realm. */
function statusOfError(error: unknown): string {
  return (error as Partial<Error> | null | undefined)?.name === 'AbortError' ? ABORTED : FAILED;
}
