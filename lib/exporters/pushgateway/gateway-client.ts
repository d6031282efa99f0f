import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { builtin } from '../../model/load-at-runtime.js';
import { type GatewayUrl, redirectTarget } from './gateway-url.js';
import type { PushBody } from './push-body.js';
import { errorForCause, errorForResponse, withoutSecrets } from './push-faults.js';
import { authorizationOf, type PushSettings } from './push-options.js';
import { withTimeLimit } from './time-limit.js';

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
  get redactedUrl(): string {
    return this.url.redacted;
  }

  /** Rejects with PushError for any response but a success, and with the signal's reason if aborted. */
  async request(method: PushMethod, path: string, body?: PushBody, signal?: AbortSignal): Promise<PushResult> {
    const { prefix, query, redacted } = this.url;
    const { timeoutMs } = this.settings;
    const request = `${method} ${redacted}${path}`;
    let missing = 'token from the option auth';
    let headers: OutgoingHttpHeaders = {};
    const limit = { timeoutMs, signal, reason: () => `no ${missing}` };
    const result = await withTimeLimit(limit, async (stop) => {
      headers = await this.headers(body);
      stop.throwIfAborted();
      missing = 'response';
      return this.send({ method, path: prefix + path + query, headers, signal: stop }, body);
    }).catch((error) => {
      throw signal?.aborted ? signal.reason : errorForCause(request, error);
    });
    const { statusCode: status = 0, headers: responseHeaders } = result.resp;
    if (status >= 200 && status < 300) return result;
    throw errorForResponse(request, {
      status,
      headers: responseHeaders,
      body: withoutSecrets(result.body, headers, query),
      redirectTarget: redirectTarget(responseHeaders.location, redacted, path),
    });
  }

  /** Sends a request and reads the response, whatever its status. Rejects if there is none. */
  private send(overrides: RequestOptions, body: PushBody | undefined): Promise<PushResult> {
    const { secure, hostname, port } = this.url;
    const options = { ...this.settings.connection, hostname, port, ...overrides };
    return new Promise((resolve, reject) => {
      const request = (secure ? builtin('node:https').request : builtin('node:http').request)(options);
      request.on('error', reject);
      request.on('response', (resp) => {
        readBody(resp).then((text) => resolve({ resp, body: text }), reject);
      });
      // No upgrade was requested, so the connection is of no use.
      request.on('upgrade', (resp, socket) => {
        socket.destroy();
        resolve({ resp, body: '' });
      });
      request.end(body?.bytes);
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

/** In characters: more than any gateway sends. The rest is not read. */
const MAX_BODY_LENGTH = 1024 * 1024;

async function readBody(resp: IncomingMessage): Promise<string> {
  resp.setEncoding('utf8');
  let body = '';
  for await (const chunk of resp) {
    body += chunk;
    if (body.length > MAX_BODY_LENGTH) break;
  }
  return body.slice(0, MAX_BODY_LENGTH);
}
