import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerLanding, answerOptions, answerShortly, refuseMethod, refuseUnauthorized } from './answers.js';
import { Credentials } from './auth.js';
import { DEFAULT_SEND_TIMEOUT_MS, scrapeHandler } from './metrics-handler.js';
import { admitRequest, turnOf } from './pipelining.js';
import { pathOf } from './scrape-request.js';
import type { ServerSettings } from './server-options.js';
import { limitSending } from './transport.js';

/** Answers a request in one way or another. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Makes the listener of a metrics server: who is answered, and what at which path. */
export function requestListener(settings: ServerSettings): RequestListener {
  const { registry, path, auth, methods, maxScrapes, sendTimeoutMs } = settings;
  const answerPage = scrapeHandler(registry, { maxScrapes, sendTimeoutMs });
  const credentials = auth && new Credentials(auth);
  return async (request, response) => {
    // Writing to a connection that broke must not end the process.
    response.on('error', () => {});
    if (!admitRequest(request, response)) return;
    await turnOf(response);
    const asked = pathOf(request.url ?? '/');
    const here = asked === path || asked === '/';
    const allowed = methods.some((method) => method === request.method);
    // Before anything else: a client without credentials learns nothing about what is here.
    const stranger = credentials?.admit(request.headers.authorization) === false;
    if (!stranger && asked === path && allowed && request.method !== 'OPTIONS') return answerPage(request, response);
    limitSending(response, sendTimeoutMs ?? DEFAULT_SEND_TIMEOUT_MS);
    if (stranger) refuseUnauthorized(request, response, credentials.challenge);
    // The asterisk is the server as a whole (RFC 9110, section 9.3.7).
    else if (request.method === 'OPTIONS' && allowed && (here || asked === '*')) answerOptions(response, methods);
    else if (!here) answerShortly(response, 404, `There is nothing here. The metrics are at ${path}.`);
    else if (!allowed) refuseMethod(request, response, methods);
    else answerLanding(response, path);
  };
}
