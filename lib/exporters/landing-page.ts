import type { ServerResponse } from 'node:http';
import { answerShortly } from './short-answer.js';

/** Shows whoever comes to `/` with a browser the way. */
export function answerLanding(response: ServerResponse, path: string): void {
  const href = path.replaceAll('&', '&amp;').replaceAll("'", '&#39;');
  answerShortly(response, 200, `<!doctype html><title>Metrics</title><a href='${href}'>Metrics</a>`, {
    'Content-Type': 'text/html; charset=utf-8',
  });
}
