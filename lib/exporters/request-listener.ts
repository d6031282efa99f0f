import type { IncomingMessage, ServerResponse } from 'node:http';
import { Credentials } from './auth/credentials.js';
import { answerLanding } from './landing-page.js';
import { metricsHandler } from './metrics-handler.js';
import { pathOf } from './request-target.js';
import type { ServerSettings } from './server-options.js';
import { answerShortly, isRead, refuseMethod, refuseStranger } from './short-answer.js';

/** Answers a request in one way or another. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** What a server of its own answers: to whom, and what at which path. */
export function requestListener(settings: ServerSettings): RequestListener {
  const { registry, path, auth } = settings;
  const answerPage = metricsHandler(registry, settings);
  const credentials = auth && new Credentials(auth);
  return (request, response) => {
    // Before anything else: a stranger learns nothing of what is here.
    if (credentials?.admit(request.headers.authorization) === false) {
      return refuseStranger(request, response, credentials.challenge);
    }
    const asked = pathOf(request.url ?? '/');
    if (asked === path) void answerPage(request, response);
    else if (asked !== '/') answerShortly(response, 404, `There is nothing here. The metrics are at ${path}.`);
    else if (isRead(request)) answerLanding(response, path);
    else refuseMethod(request, response);
  };
}
