import { ConfigError, show } from '../../model/errors.js';

/** Where a gateway is. */
export interface GatewayUrl {
  readonly secure: boolean;
  readonly hostname: string;
  /** Undefined for the scheme's own. */
  readonly port: number | undefined;
  /** The path that the gateway is under, without a slash at its end. */
  readonly prefix: string;
  /** The query, `?` included, which some proxies want; empty where there is none. */
  readonly query: string;
  /** `user:password`, where the URL has them. */
  readonly credentials: string | undefined;
  /** The URL as it may be shown: without credentials and query. */
  readonly shown: string;
}

/**
 * Takes a gateway's URL apart. `host:port` alone means http. Throws ConfigError for what is no URL of http or https.
 */
export function parseGatewayUrl(given: unknown): GatewayUrl {
  const url = urlOf(given instanceof URL ? given.href : given);
  if (url === undefined) {
    throw new ConfigError(
      `A Pushgateway is given by its URL, such as "http://127.0.0.1:9091", not by ${show(hidden(given))}.`,
    );
  }
  const prefix = url.pathname.replace(/\/+$/, '');
  return {
    secure: url.protocol === 'https:',
    // The brackets of an IPv6 address belong to the URL.
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? undefined : Number(url.port),
    prefix,
    query: url.search,
    credentials: url.username === '' && url.password === '' ? undefined : credentialsOf(url),
    shown: url.origin + prefix,
  };
}

function urlOf(given: unknown): URL | undefined {
  const text = typeof given === 'string' ? given.trim() : '';
  if (text === '') return undefined;
  try {
    const url = new URL(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
  } catch {
    return undefined;
  }
}

function credentialsOf({ username, password }: URL): string {
  return `${decoded(username)}:${decoded(password)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign, meant as such.
    return text;
  }
}

/** Neither a password nor a token in the query must get into a log with the message, wherever they break the URL. */
function hidden(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  const start = /^\s*([a-z][a-z\d+.-]*:)?\/\//i.exec(given)?.[0] ?? '';
  const rest = given.slice(start.length);
  const [name, query] = [rest.lastIndexOf('@'), rest.indexOf('?')];
  // Which of the two hides the other nobody can tell.
  if (query >= 0 && query < name) return `${start}…`;
  return start + (name >= 0 ? '…' : '') + rest.slice(Math.max(name, 0)).replace(/\?.*/s, '?…');
}
