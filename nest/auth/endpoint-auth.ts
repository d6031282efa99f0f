import type { IncomingMessage } from 'node:http';

/** Who may scrape the endpoint. */
export type EndpointAuth =
  /** Who shows this token: `Authorization: Bearer …`. Several while tokens are being changed. */
  | { readonly bearer: string | readonly string[] }
  /** Who shows this name and password. */
  | { readonly basic: { readonly username: string; readonly password: string } }
  /** For whom this says true. What it throws counts as no, and is told to the registry's log. */
  | ((request: IncomingMessage) => boolean | Promise<boolean>);

/** What `auth` may be, in words. */
export const AUTH_EXPECTED =
  "{ bearer: 'a token' }, { basic: { username, password } } with no colon in the name, or a function of the request";

/** Whether a value is one that `auth` may have. */
export function isEndpointAuth(value: unknown): value is EndpointAuth {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return false;
  const { bearer, basic } = value as { readonly bearer?: unknown; readonly basic?: unknown };
  if (bearer !== undefined) {
    const tokens = Array.isArray(bearer) ? (bearer as unknown[]) : [bearer];
    // An empty one is a variable of the environment that was not set, and would let everybody in.
    return tokens.length > 0 && tokens.every((token) => typeof token === 'string' && token !== '');
  }
  const { username, password } = (basic ?? {}) as { readonly username?: unknown; readonly password?: unknown };
  // The first colon ends the name (RFC 7617, section 2).
  return isText(username) && !username.includes(':') && isText(password);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
