import type { IncomingMessage, ServerResponse } from 'node:http';
import { Credentials } from './auth/credentials.js';
import { answerLanding } from './landing-page.js';
import { metricsHandler } from './metrics-handler.js';
import { pathOf } from './request-target.js';
import type { ServerSettings } from './server-options.js';
import { answerOptions, answerShortly, refuseMethod, refuseStranger } from './short-answer.js';

/** Answers a request in one way or another. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** What a server of its own answers: to whom, and what at which path. */
export function requestListener(settings: ServerSettings): RequestListener {
  const { registry, path, auth, methods } = settings;
  const answerPage = metricsHandler(registry, settings);
  const credentials = auth && new Credentials(auth);
  return (request, response) => {
    // Before anything else: a stranger learns nothing of what is here.
    if (credentials?.admit(request.headers.authorization) === false) {
      return refuseStranger(request, response, credentials.challenge);
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
