import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { PromarkError, show } from '../../model/errors.js';
import { type PageSource, releaseSent } from '../page-source.js';

/** `text` is text 0.0.4; `protobuf` means delimited messages, which hold native histograms as well. */
export type PushFormat = 'text' | 'protobuf';

/** The body of a push, and the headers that describe it. */
export interface PushBody {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Never OpenMetrics, which the gateway reads as text 0.0.4, so that counters lose their type. */
const ACCEPTS: Readonly<Record<PushFormat, { accept: string; contentType: string }>> = {
  text: { accept: 'text/plain;version=0.0.4', contentType: 'text/plain; version=0.0.4' },
  protobuf: {
    accept: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
    contentType: 'application/vnd.google.protobuf',
  },
};

/** Renders the page as of now, without timestamps, which the gateway refuses. */
export async function pushBody(registry: PageSource, format: PushFormat, compress: boolean): Promise<PushBody> {
  const { accept, contentType } = ACCEPTS[format];
  const page = await registry.render({ accept, names: [], timestamps: false });
  if (!page.contentType.startsWith(contentType)) {
    throw new PromarkError(`The registry has no pages in the format ${format}; it gave ${show(page.contentType)}.`);
  }
  const headers = { 'content-type': page.contentType };
  const { body } = page;
  releaseSent(registry, page);
  if (!compress) return { bytes: body, headers };
  return { bytes: await promisify(gzip)(body), headers: { ...headers, 'content-encoding': 'gzip' } };
}
