import { OPEN_METRICS_TYPE } from '../../model/content-types.js';
import { PromarkError, show } from '../../model/errors.js';
import { type PageSource, releaseSent } from '../page-source.js';
import { gzipped } from '../send-page.js';

/** `text` is text 0.0.4; `protobuf` is delimited messages, which can also hold native histograms. */
export type PushFormat = 'text' | 'protobuf';

/** The body of a push, and the headers that describe it. */
export interface PushBody {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

const ACCEPTS: Readonly<Record<PushFormat, { accept: string; contentType: string }>> = {
  text: { accept: 'text/plain;version=0.0.4', contentType: 'text/plain; version=0.0.4' },
  protobuf: {
    accept: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
    contentType: 'application/vnd.google.protobuf',
  },
};

/**
 * Renders the current page without timestamps, which the gateway rejects. Without a format, a registry whose content
 * type is OpenMetrics is rendered in the closest form that the gateway can parse.
 */
export async function pushBody(
  registry: PageSource,
  format: PushFormat | undefined,
  compress: boolean,
): Promise<PushBody> {
  const { accept, contentType } = ACCEPTS[format ?? 'text'];
  const isOpenMetrics = format === undefined && registry.contentType === OPEN_METRICS_TYPE;
  const page = await registry.render({
    accept,
    names: [],
    timestamps: false,
    ...(isOpenMetrics && { isForGateway: true }),
  });
  if (!page.contentType.startsWith(contentType)) {
    throw new PromarkError(
      `The registry cannot render the format ${format ?? 'text'}; it returned ${show(page.contentType)}.`,
    );
  }
  const headers = { 'content-type': page.contentType };
  const { body } = page;
  releaseSent(registry, page);
  if (!compress) return { bytes: body, headers };
  return { bytes: await gzipped(body), headers: { ...headers, 'content-encoding': 'gzip' } };
}
