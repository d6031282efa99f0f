import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ConfigError, PromarkError, show } from '../../model/errors.js';
import type { PageSource } from '../page-source.js';

/** `text` is text 0.0.4; `protobuf` are delimited messages, which hold native histograms too. */
export type PushFormat = 'text' | 'protobuf';

/** What is sent, and the headers that describe it. */
export interface PushBody {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Never OpenMetrics: the gateway reads it as text 0.0.4, and counters lose their type. */
const ACCEPTS: Readonly<Record<PushFormat, { accept: string; contentType: string }>> = {
  text: { accept: 'text/plain;version=0.0.4', contentType: 'text/plain; version=0.0.4' },
  protobuf: {
    accept: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
    contentType: 'application/vnd.google.protobuf',
  },
};

/** Throws ConfigError for a format that there is not. */
export function checkFormat(format: PushFormat = 'text'): PushFormat {
  if (Object.hasOwn(ACCEPTS, format)) return format;
  throw new ConfigError(`The option format of a Pushgateway is 'text' or 'protobuf', not ${show(format)}.`);
}

/** Renders what a gateway is to be sent: the page as of now, without timestamps, which it refuses. */
export async function pushBody(registry: PageSource, format: PushFormat, compress: boolean): Promise<PushBody> {
  const { accept, contentType } = ACCEPTS[format];
  const page = await registry.render({ accept, names: [], timestamps: false });
  if (!page.contentType.startsWith(contentType)) {
    throw new PromarkError(`The registry has no pages in the format ${format}; it gave ${show(page.contentType)}.`);
  }
  const headers = { 'content-type': page.contentType };
  if (!compress) return { bytes: page.body, headers };
  return { bytes: await promisify(gzip)(page.body), headers: { ...headers, 'content-encoding': 'gzip' } };
}
