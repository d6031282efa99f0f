import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerLanding, answerOptions, answerShortly, refuseMethod, refuseUnauthorized } from './answers.js';
import { Credentials } from './auth.js';
import { metricsHandler } from './metrics-handler.js';
import { pathOf } from './scrape-request.js';
import type { ServerSettings } from './server-options.js';

/** Answers a request in one way or another. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** Makes the listener of a metrics server: who is answered, and what at which path. */
export function requestListener(settings: ServerSettings): RequestListener {
  const { registry, path, auth, methods, maxScrapes, sendTimeoutMs } = settings;
  const answerPage = metricsHandler(registry, { maxScrapes, sendTimeoutMs });
  const credentials = auth && new Credentials(auth);
  return (request, response) => {
    // Before anything else: a client without credentials learns nothing about what is here.
    if (credentials?.admit(request.headers.authorization) === false) {
      return refuseUnauthorized(request, response, credentials.challenge);
    }
    const asked = pathOf(request.url ?? '/');
    const here = asked === path || asked === '/';
    const allowed = methods.some((method) => method === request.method);
    // The asterisk is the server as a whole (RFC 9110, section 9.3.7).
    if (request.method === 'OPTIONS' && allowed && (here || asked === '*')) answerOptions(response, methods);
    else if (!here) answerShortly(response, 404, `There is nothing here. The metrics are at ${path}.`);
    else if (!allowed) refuseMethod(request, response, methods);
    else if (asked === path) void answerPage(request, response);
    else answerLanding(response, path);
  };
}
