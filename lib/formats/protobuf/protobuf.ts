import type { Format } from '../format.js';
import { MessagePage } from './message-page.js';
import { snapshotMessage } from './snapshot-message.js';

/**
 * The protobuf format, io.prometheus.client.MetricFamily behind its length, one after the other (Prometheus, "Exposition
 * formats"). The only one that Prometheus 2 and 3 take native histograms from.
 */
export const protobuf: Format = {
  contentType: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
  end: '',
  prepare: (family, variant) => new MessagePage(family, variant),
  write: snapshotMessage,
};
