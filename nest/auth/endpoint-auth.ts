import type { IncomingMessage } from 'node:http';
import { isServerAuth, type ServerAuth } from '../../lib/index.js';

/** Who may scrape the endpoint. */
export type EndpointAuth =
  | ServerAuth
  /** For whom this says true. What it throws counts as no, and is told to the registry's log. */
  | ((request: IncomingMessage) => boolean | Promise<boolean>);

/** What `auth` may be, in words. */
export const AUTH_EXPECTED =
  "{ bearer: 'a token' }, { basic: { username, password } } with no colon in the name, or a function of the request; " +
  'no secret is empty or has a line break';

/** Whether a value is one that `auth` may have. */
export function isEndpointAuth(value: unknown): value is EndpointAuth {
  return typeof value === 'function' || isServerAuth(value);
}
