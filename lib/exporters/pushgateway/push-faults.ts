import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { PushError, reasonOf } from '../../model/errors.js';
import { TimeLimitError } from './time-limit.js';

/** Maximum number of characters of a response quoted in a message; all of it is in the error's `body`. */
const MAX_QUOTED = 1000;

const HINTS: Readonly<Record<number | string, string>> = {
  101: ' This is not a Pushgateway: correct the URL.',
  401: ' Set credentials with the option auth.',
  403: ' Set credentials with the option auth.',
  404: ' Use the URL of the gateway itself, without /metrics.',
  405: ' Use the URL of the gateway itself, without /metrics.',
  413: ' Push fewer series, or set the option gzip.',
  415: ' The gateway may be too old for the option gzip.',
  ECONNREFUSED: ' Nothing listens there: start the gateway, or correct the URL.',
  EPROTO: ' The server may not speak TLS: correct the URL.',
  ERR_SSL_WRONG_VERSION_NUMBER: ' The server may not speak TLS: correct the URL.',
  ENOTFOUND: ' The host is unknown: correct the URL.',
};

/** A response that is not a success. */
export interface FailedResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Without secrets. */
  readonly body: string;
  /** The gateway that a redirect points to, if any. */
  readonly redirectTarget: string | undefined;
}

/** Creates the error for an unsuccessful response, quoting the gateway. */
export function errorForResponse(
  request: string,
  { status, headers, body, redirectTarget }: FailedResponse,
): PushError {
  const quoted = body.trim().slice(0, MAX_QUOTED) || 'without a message';
  const redirect =
    redirectTarget === undefined ? '' : ` It redirects to ${redirectTarget}: if that is the gateway, use its URL.`;
  const hint = HINTS[status] ?? '';
  const message = `${request}: push failed with status ${status}, ${quoted}${/[.!?]$/.test(quoted) ? '' : '.'}${redirect}${hint}`;
  return new PushError(message, { status, body, retryAfterMs: retryAfter(headers) });
}

/** Creates the error for a request without a response. */
export function errorForCause(request: string, cause: unknown): PushError {
  const hint = HINTS[codeOf(cause)] ?? '';
  const prefix = cause instanceof TimeLimitError ? 'Pushgateway request timed out: ' : '';
  return new PushError(`${prefix}${request} failed: ${reasonOf(cause).trim()}.${hint}`, { cause });
}

/**
 * Returns whether the same request may succeed later: the gateway could not be reached, is busy, or failed internally.
 */
export function isTransient({ status, cause }: PushError): boolean {
  if (status !== undefined) return status >= 500 || status === 429;
  if (cause instanceof TimeLimitError) return true;
  // Local errors, such as an unknown protocol or an untrusted certificate, will not go away.
  return codeOf(cause) !== '' && !/^(ERR_|CERT_|HPE_|DEPTH_|SELF_SIGNED|UNABLE_TO_|EPROTO$)/.test(codeOf(cause));
}

/**
 * Returns `Retry-After` in milliseconds. It is given in seconds, or as a date (RFC 9110, section 10.2.3), which is
 * compared with the response's own `Date`.
 */
function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const header = headers['retry-after']?.trim() ?? '';
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const [at, sent] = [Date.parse(header), Date.parse(headers.date ?? '')];
  return Number.isNaN(at) ? undefined : Math.max(0, at - (Number.isNaN(sent) ? Date.now() : sent));
}

/** Headers whose values may be secrets. */
const SECRET_HEADER = /auth|cookie|key|pass|secret|signature|token/i;

/**
 * Removes a request's secrets from a gateway's response, since a proxy may echo the request. Covers the values of
 * headers such as `Authorization`, the parts and the decoded form of credentials, and the values of the URL's query,
 * including forms escaped for JSON or URLs.
 */
export function withoutSecrets(text: string, headers: OutgoingHttpHeaders, query: string): string {
  const values = Object.entries(headers).flatMap(([name, value]) =>
    SECRET_HEADER.test(name) ? [value].flat().map(String) : [],
  );
  const secrets = [...values.flatMap(secretsIn), ...new URLSearchParams(query).values()];
  const variants = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ]);
  // Longest first: a password may be part of another secret. Very short ones would match everywhere.
  const found = [...new Set(variants)].filter((secret) => secret.length > 2).sort((a, b) => b.length - a.length);
  return found.reduce((clean, secret) => clean.replaceAll(secret, '…'), text);
}

/**
 * Returns a header's value, the part after its scheme, and for `Basic` the decoded name and password as well as the
 * password.
 */
function secretsIn(value: string): string[] {
  const [scheme, ...rest] = value.split(' ');
  const credentials = rest.join(' ').trim();
  if (credentials === '') return [value];
  if (scheme.toLowerCase() !== 'basic') return [value, credentials];
  const pair = Buffer.from(credentials, 'base64').toString();
  return [value, credentials, pair, pair.slice(pair.indexOf(':') + 1)];
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
