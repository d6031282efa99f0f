import { ConfigError, show } from '../../model/errors.js';
import { withoutFinalSlashes } from '../scrape-request.js';

/** The address of a gateway. */
export interface GatewayUrl {
  readonly secure: boolean;
  readonly hostname: string;
  /** Undefined for the scheme's default. */
  readonly port: number | undefined;
  /** The path of the gateway, without a trailing slash. */
  readonly prefix: string;
  /** The query including its `?`, which some proxies require; empty if there is none. */
  readonly query: string;
  /** `user:password`, if the URL has them. */
  readonly credentials: string | undefined;
  /** The URL without credentials and query, for messages. */
  readonly redacted: string;
}

/** Parses a gateway's URL. `host:port` means http. Throws ConfigError for anything but an http or https URL. */
export function parseGatewayUrl(address: unknown): GatewayUrl {
  const url = urlOf(address instanceof URL ? address.href : address);
  if (url === undefined) {
    throw new ConfigError(
      `The URL of a Pushgateway must look like "http://127.0.0.1:9091", got ${show(withoutCredentials(address))}.`,
    );
  }
  // Credentials that break the URL, for example because a slash is missing, would otherwise end up in its path and thus
  // in every message.
  if (/@/.test(url.pathname + url.search + url.hash)) {
    throw new ConfigError(
      'The URL of a Pushgateway must look like "http://user:password@host:9091", with special characters in the ' +
        `credentials encoded, and any other @ as %40; got ${show(withoutCredentials(String(address)))}.`,
    );
  }
  const prefix = withoutFinalSlashes(url.pathname);
  return {
    secure: url.protocol === 'https:',
    // Only a URL has brackets around an IPv6 address.
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? undefined : Number(url.port),
    prefix,
    query: url.search,
    credentials: url.username === '' && url.password === '' ? undefined : credentialsOf(url),
    redacted: url.origin + prefix,
  };
}

/**
 * Returns the gateway URL that a redirect points to, or undefined if it is not an http or https URL. Omits credentials
 * and query, which may repeat secrets of the request.
 *
 * @param gateway The URL of the gateway that responded.
 * @param path The path of the request, below the gateway's URL.
 */
export function redirectTarget(location: string | undefined, gateway: string, path: string): string | undefined {
  if (location === undefined || !URL.canParse(location, gateway + path)) return undefined;
  const { protocol, origin, pathname } = new URL(location, gateway + path);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  return origin + (pathname.endsWith(path) ? pathname.slice(0, -path.length) : pathname);
}

function urlOf(address: unknown): URL | undefined {
  const text = typeof address === 'string' ? address.trim() : '';
  // Rejects a scheme without two slashes; in `http:9091`, however, http is a host.
  if (text === '' || /^https?:(?!\/\/|\d+(?:[/?#]|$))/i.test(text)) return undefined;
  try {
    const url = new URL(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
  } catch {
    return undefined;
  }
}

function credentialsOf({ username, password }: URL): string {
  return `${decodedOrRaw(username)}:${decodedOrRaw(password)}`;
}

function decodedOrRaw(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that does not encode anything.
    return text;
  }
}

/**
 * Returns the part of an invalid URL that may be shown: no password and no token in the query, wherever they broke the
 * URL.
 */
function withoutCredentials(address: unknown): unknown {
  if (typeof address !== 'string') return address;
  const start = /^\s*([a-z][a-z\d+.-]*:)?\/\//i.exec(address)?.[0] ?? '';
  const rest = address.slice(start.length);
  const [name, query] = [rest.lastIndexOf('@'), rest.indexOf('?')];
  // The query may contain the @, or the password the question mark: show neither.
  if (query >= 0 && query < name) return `${start}…`;
  const host = rest.slice(Math.max(name, 0)).replace(/[?#].*/s, '?…');
  // What follows a colon and is not a port may be the password of a URL without a host.
  return start + (name >= 0 ? '…' : '') + host.replace(/:(?!\/\/|\d+(?:[/?#]|$)).*/s, ':…');
}
