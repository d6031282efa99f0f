import { PushError } from '../../model/errors.js';
import { reasonOf } from '../reason-of.js';
import { TimeLimitError } from './time-limit.js';

/** How much of an answer stands in a message; all of it is in the error's `body`. */
const SHOWN_CHARACTERS = 1000;

const HINTS: Readonly<Record<number | string, string>> = {
  401: ' Say who pushes with the option auth.',
  403: ' Say who pushes with the option auth.',
  404: ' The URL has to be the one that the gateway is under, without /metrics.',
  405: ' The URL has to be the one that the gateway is under, without /metrics.',
  413: ' Push fewer series, or set the option gzip.',
  415: ' The gateway may be too old for the option gzip.',
  ECONNREFUSED: ' Nothing listens there: start the gateway, or correct the URL.',
  EPROTO: ' It may not speak TLS: correct the URL.',
  ERR_SSL_WRONG_VERSION_NUMBER: ' It may not speak TLS: correct the URL.',
  ENOTFOUND: ' Nobody knows this host: correct the URL.',
};

/**
 * Tells of an answer that is not a success, in the gateway's own words.
 *
 * @param there Where it points to, if it does.
 */
export function refusal(what: string, status: number, body: string, there: string | undefined): PushError {
  const said = body.trim().slice(0, SHOWN_CHARACTERS) || 'nothing more';
  const elsewhere = there === undefined ? '' : ` It points to ${there}: if the gateway is there, give that as the URL.`;
  const hint = HINTS[status] ?? '';
  return new PushError(`${what} was answered ${status}: ${said}${/[.!?]$/.test(said) ? '' : '.'}${elsewhere}${hint}`, {
    status,
    body,
  });
}

/** Tells of a request that got no answer. */
export function failure(what: string, cause: unknown): PushError {
  const hint = HINTS[codeOf(cause)] ?? '';
  return new PushError(`${what} failed: ${reasonOf(cause).trim()}.${hint}`, { cause });
}

/** Whether the same request may succeed a little later: the gateway was not reached, or has a fault of its own. */
export function mayPass({ status, cause }: PushError): boolean {
  if (status !== undefined) return status >= 500;
  if (cause instanceof TimeLimitError) return true;
  // Faults of the caller's own, who does not speak its protocol or trust its certificate, stay what they are.
  return codeOf(cause) !== '' && !/^(ERR_|CERT_|HPE_|DEPTH_|SELF_SIGNED|UNABLE_TO_|EPROTO$)/.test(codeOf(cause));
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
