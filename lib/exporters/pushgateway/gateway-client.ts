import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { builtin } from '../../model/load-at-runtime.js';
import { type GatewayUrl, pointedTo } from './gateway-url.js';
import type { PushBody } from './push-body.js';
import { failure, refusal, withoutSecrets } from './push-faults.js';
import { authorizationOf, type PushSettings } from './push-options.js';
import { withinTime } from './time-limit.js';

/** PUT replaces a group, POST some of its families, DELETE removes it (Pushgateway, "API"). */
export type PushMethod = 'PUT' | 'POST' | 'DELETE';

/** A gateway's response, in prom-client's form. */
export interface PushResult {
  /** Node's response, fully read. */
  readonly resp: IncomingMessage;
  /** Its body, of which only the first 1 048 576 characters are kept; empty on success. */
  readonly body: string;
}

/** Sends individual requests to one gateway; the caller handles retries. */
export class GatewayClient {
  constructor(
    private readonly url: GatewayUrl,
    private readonly settings: PushSettings,
  ) {}

  /** The gateway's URL without secrets. */
  get shown(): string {
    return this.url.shown;
  }

  /** Rejects with PushError for any response but a success, and with the signal's reason if aborted. */
  async request(method: PushMethod, path: string, body?: PushBody, signal?: AbortSignal): Promise<PushResult> {
    const { prefix, query, shown } = this.url;
    const { timeoutMs } = this.settings;
    const what = `${method} ${shown}${path}`;
    let awaited = 'token from the option auth';
    let headers: OutgoingHttpHeaders = {};
    const limit = { timeoutMs, signal, late: () => `no ${awaited}` };
    const answer = await withinTime(limit, async (stop) => {
      headers = await this.headers(body);
      stop.throwIfAborted();
      awaited = 'answer';
      return this.send({ method, path: prefix + path + query, headers, signal: stop }, body);
    }).catch((error) => {
      throw signal?.aborted ? signal.reason : failure(what, error);
    });
    const { statusCode: status = 0, headers: answered } = answer.resp;
    if (status >= 200 && status < 300) return answer;
    throw refusal(what, {
      status,
      headers: answered,
      body: withoutSecrets(answer.body, headers, query),
      pointedTo: pointedTo(answered.location, shown, path),
    });
  }

  /** Sends a request and reads the response, whatever its status. Rejects if there is none. */
  private send(request: RequestOptions, body: PushBody | undefined): Promise<PushResult> {
    const { secure, hostname, port } = this.url;
    const options = { ...this.settings.connection, hostname, port, ...request };
    return new Promise((resolve, reject) => {
      const sent = (secure ? builtin('node:https').request : builtin('node:http').request)(options);
      sent.on('error', reject);
      sent.on('response', (resp) => {
        readBody(resp).then((text) => resolve({ resp, body: text }), reject);
      });
      // No upgrade was requested: the connection is useless.
      sent.on('upgrade', (resp, socket) => {
        socket.destroy();
        resolve({ resp, body: '' });
      });
      sent.end(body?.bytes);
    });
  }

  private async headers(body: PushBody | undefined): Promise<OutgoingHttpHeaders> {
    const authorization = await authorizationOf(this.settings.auth, this.url.credentials);
    return {
      'user-agent': 'promark',
      ...this.settings.headers,
      ...(authorization !== undefined && { authorization }),
      ...body?.headers,
      'content-length': body?.bytes.length ?? 0,
    };
  }
}

/** In characters. More than any gateway sends; the rest is not read. */
const LONGEST_ANSWER = 1024 * 1024;

async function readBody(resp: IncomingMessage): Promise<string> {
  resp.setEncoding('utf8');
  let body = '';
  for await (const piece of resp) {
    body += piece;
    if (body.length > LONGEST_ANSWER) break;
  }
  return body.slice(0, LONGEST_ANSWER);
}
