import { type IncomingMessage, request as plainRequest } from 'node:http';
import { type RequestOptions, request as secureRequest } from 'node:https';
import { PromarkError } from '../../model/errors.js';

/** One request to a gateway. */
export interface Exchange {
  readonly secure: boolean;
  readonly options: RequestOptions;
  readonly body?: Uint8Array | undefined;
  /** Milliseconds from connecting to the end of the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer that was read to its end. */
export interface Answer {
  readonly resp: IncomingMessage;
  readonly body: string;
}

/** More than any gateway says; whoever says more is none. */
const LONGEST_ANSWER = 1024 * 1024;

/** The attempt took too long. */
export class TimeLimitError extends PromarkError {
  override name = 'TimeLimitError';
}

/** Sends a request and reads the answer, whatever its status. Rejects with the signal's reason where it is aborted. */
export function exchange({ secure, options, body, timeoutMs, signal }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const sent = (secure ? secureRequest : plainRequest)(options);
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const fail = (reason: unknown) => {
      end();
      reject(reason);
      sent.destroy();
    };
    const abort = () => fail(signal?.reason);
    const timer = setTimeout(() => fail(new TimeLimitError(`no answer within ${timeoutMs} ms`)), timeoutMs);
    signal?.addEventListener('abort', abort);
    sent.on('error', fail);
    sent.on('response', (resp) => {
      read(resp).then((answer) => {
        end();
        resolve(answer);
      }, fail);
    });
    sent.end(body);
  });
}

async function read(resp: IncomingMessage): Promise<Answer> {
  resp.setEncoding('utf8');
  let body = '';
  for await (const piece of resp) {
    body += piece;
    if (body.length > LONGEST_ANSWER) throw new PromarkError(`an answer of more than ${LONGEST_ANSWER} characters`);
  }
  return { resp, body };
}
