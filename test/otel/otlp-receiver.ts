import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { listenOnLoopback } from '../support/servers.js';

/** An attribute in OTLP's JSON. */
export interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A metric in OTLP's JSON, as far as the tests read it. */
export interface OtlpMetric {
  readonly name: string;
  readonly description?: string;
  readonly unit?: string;
  readonly [data: string]: unknown;
}

/** What an exporter has sent. */
export interface OtlpRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly { readonly scope: { readonly name: string }; readonly metrics: OtlpMetric[] }[];
  }[];
}

/** A stand-in for an OpenTelemetry collector that accepts OTLP as JSON over HTTP. */
export interface OtlpReceiver {
  readonly url: string;
  readonly received: OtlpRequest[];
  close(): Promise<void>;
}

export async function otlpReceiver(): Promise<OtlpReceiver> {
  const received: OtlpRequest[] = [];
  const server = createServer(async (request, response) => {
    received.push((await json(request)) as OtlpRequest);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  });
  const { url, close } = await listenOnLoopback(server);
  return { url: `${url}/v1/metrics`, received, close };
}
