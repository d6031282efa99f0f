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

function urlOf(text: unknown): URL | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
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

/** A password must not get into a log with the message. */
function hidden(given: unknown): unknown {
  return typeof given === 'string' ? given.replace(/\/\/[^/@]*@/, '//…@') : given;
}
