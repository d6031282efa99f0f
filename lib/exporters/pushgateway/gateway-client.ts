import type { IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import { authorizationOf } from './authorization.js';
import { exchange } from './exchange.js';
import type { GatewayUrl } from './gateway-url.js';
import type { PushSettings } from './options.js';
import { pointedTo } from './pointed-to.js';
import type { PushBody } from './push-body.js';
import { failure, refusal } from './push-faults.js';
import { withinTime } from './time-limit.js';

/** PUT replaces a group, POST some families of it, DELETE removes it (Pushgateway, "API"). */
export type Method = 'PUT' | 'POST' | 'DELETE';

/** A gateway's answer, in prom-client's form. */
export interface PushResult {
  /** Node's response, which has been read. */
  readonly resp: IncomingMessage;
  /** Its text, of which the first 1 048 576 characters are kept: empty where all went well. */
  readonly body: string;
}

/** Speaks to one gateway, one request at a time; retries are for others. */
export class GatewayClient {
  constructor(
    private readonly url: GatewayUrl,
    private readonly settings: PushSettings,
  ) {}

  /** The gateway's URL without secrets. */
  get shown(): string {
    return this.url.shown;
  }

  /** Rejects with PushError for any answer but a success, and with the signal's reason where it is aborted. */
  async request(method: Method, path: string, body?: PushBody, signal?: AbortSignal): Promise<PushResult> {
    const { prefix, query, shown } = this.url;
    const { timeoutMs } = this.settings;
    const what = `${method} ${shown}${path}`;
    let awaited = 'token from the option auth';
    const limit = { timeoutMs, signal, late: () => `no ${awaited}` };
    const answer = await withinTime(limit, async (stop) => {
      const headers = await this.headers(body);
      stop.throwIfAborted();
      awaited = 'answer';
      return this.exchange({ method, path: prefix + path + query, headers }, body, stop);
    }).catch((error) => {
      throw signal?.aborted ? signal.reason : failure(what, error);
    });
    const { statusCode = 0, headers: told } = answer.resp;
    if (statusCode >= 200 && statusCode < 300) return answer;
    throw refusal(what, statusCode, answer.body, pointedTo(told.location, shown, path));
  }

  private exchange(request: RequestOptions, body: PushBody | undefined, stop: AbortSignal): Promise<PushResult> {
    const { secure, hostname, port } = this.url;
    const options = { ...this.settings.connection, hostname, port, ...request };
    return exchange({ secure, options, body: body?.bytes, stop });
  }

  private async headers(body: PushBody | undefined) {
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
