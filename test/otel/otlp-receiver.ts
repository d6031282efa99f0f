import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** An attribute in OTLP's JSON. */
export interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A metric in OTLP's JSON, so far as tests look at it. */
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

/** Stands for an OpenTelemetry collector that takes OTLP as JSON over HTTP. */
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
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`,
    received,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
