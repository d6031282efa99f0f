import { type IncomingMessage, request as plainRequest } from 'node:http';
import { type RequestOptions, request as secureRequest } from 'node:https';

/** One request to a gateway. */
export interface Exchange {
  readonly secure: boolean;
  readonly options: RequestOptions;
  readonly body?: Uint8Array | undefined;
  /** Breaks it off. */
  readonly stop: AbortSignal;
}

/** An answer that was read to its end, or for as long as anybody would. */
export interface Answer {
  readonly resp: IncomingMessage;
  readonly body: string;
}

/** In characters. More than any gateway says; whoever says more is not listened to any longer. */
const LONGEST_ANSWER = 1024 * 1024;

/** Sends a request and reads the answer, whatever its status. Rejects where there is none. */
export function exchange({ secure, options, body, stop }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = (secure ? secureRequest : plainRequest)({ ...options, signal: stop });
    sent.on('error', reject);
    sent.on('response', (resp) => {
      read(resp).then((text) => resolve({ resp, body: text }), reject);
    });
    sent.end(body);
  });
}

async function read(resp: IncomingMessage): Promise<string> {
  resp.setEncoding('utf8');
  let body = '';
  for await (const piece of resp) {
    body += piece;
    if (body.length > LONGEST_ANSWER) break;
  }
  return body.slice(0, LONGEST_ANSWER);
}
