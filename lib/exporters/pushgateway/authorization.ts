import { ConfigError } from '../../model/errors.js';

/** How a gateway, or the proxy before it, is told who pushes. */
export type PushAuth =
  /** `user:password`, as Node's http takes it. */
  | string
  | { readonly username: string; readonly password: string }
  /** A bearer token, or what gives one; asked before every request, so that it can be renewed. */
  | { readonly token: string | (() => string | Promise<string>) };

/** The `Authorization` header that an option, or else the URL, asks for. */
export async function authorizationOf(auth: PushAuth | undefined, credentials?: string): Promise<string | undefined> {
  if (typeof auth === 'object' && 'token' in auth) {
    return `Bearer ${typeof auth.token === 'function' ? await auth.token() : auth.token}`;
  }
  const pair = typeof auth === 'object' ? `${auth.username}:${auth.password}` : (auth ?? credentials);
  return pair === undefined ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Refuses what cannot be used; what was given is not shown, because it is a secret. Throws ConfigError. */
export function checkAuth(auth: unknown): void {
  if (auth === undefined || typeof auth === 'string') return;
  if (typeof auth === 'object' && auth !== null) {
    const { username, password, token } = auth as Record<string, unknown>;
    if (typeof token === 'function' || (typeof token === 'string' && token !== '')) return;
    // The first colon ends the name (RFC 7617, section 2).
    if (typeof username === 'string' && typeof password === 'string' && !username.includes(':')) return;
  }
  throw new ConfigError(
    "The option auth is 'user:password', { username, password } with no colon in the name, or { token }.",
  );
}
