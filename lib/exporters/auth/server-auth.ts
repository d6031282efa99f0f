import { ConfigError } from '../../model/errors.js';

/** Who may have the page. */
export type ServerAuth =
  /** Who shows this token: `Authorization: Bearer …`. Several while tokens are being changed. */
  | { readonly bearer: string | readonly string[] }
  /** Who shows this name and password. */
  | { readonly basic: { readonly username: string; readonly password: string } };

/** What can be sent in a header and comes out of it as it went in: ASCII with no space at either end. */
const TOKEN = /^[!-~](?:[ -~]*[!-~])?$/;

/** Such as the line break at the end of a file, which no client sends (RFC 7617, section 2). */
const CONTROL = /\p{Cc}/u;

/**
 * Whether a value says who may have the page: one of `bearer` and `basic`, with nothing empty in it. An empty secret is
 * a variable of the environment that was not set, and would let everybody in.
 *
 * @example
 * isServerAuth({ bearer: process.env.SCRAPE_TOKEN ?? '' }); // false without the variable
 */
export function isServerAuth(value: unknown): value is ServerAuth {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return false;
  const { bearer, basic } = value as { readonly bearer?: unknown; readonly basic?: unknown };
  if (bearer !== undefined) {
    const tokens: readonly unknown[] = Array.isArray(bearer) ? bearer : [bearer];
    return tokens.length > 0 && tokens.every((token) => typeof token === 'string' && TOKEN.test(token));
  }
  const { username, password } = (basic ?? {}) as { readonly username?: unknown; readonly password?: unknown };
  // The first colon ends the name.
  return isText(username) && !username.includes(':') && isText(password);
}

/**
 * The option as it may be sent to another thread. Throws ConfigError for what cannot be used, without showing it: it is
 * a secret.
 */
export function checkServerAuth(auth: unknown): ServerAuth {
  if (!isServerAuth(auth)) {
    throw new ConfigError(
      "The option auth is { bearer: 'a token' }, or several tokens in a list, or { basic: { username, password } }. " +
        'None of them is empty, as a variable that was not set is, or has a line break, as text from a file may have; ' +
        'tokens are of ASCII, and a name has no colon.',
    );
  }
  if ('bearer' in auth) return { bearer: [auth.bearer].flat() };
  const { username, password } = auth.basic;
  return { basic: { username, password } };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !CONTROL.test(value);
}
