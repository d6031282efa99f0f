import type { FamilyHead, FamilyType } from '../model/family.js';
import type { Escaping } from './escaping.js';
import { escapeHelp, nameInHeader } from './escaping.js';
import type { Dialect, Format } from './format.js';
import { lineFormat } from './line-format.js';

/** The types that text 0.0.4 does not know are shown as those that it does; scrapers fail on others. */
const TYPES: Readonly<Record<FamilyType, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  gaugehistogram: 'histogram',
  unknown: 'untyped',
};

const dialect: Dialect = {
  header(head: FamilyHead, escaping: Escaping): string {
    const name = nameInHeader(head.name, escaping, head.type === 'info' ? '_info' : '');
    return `# HELP ${name} ${escapeHelp(head.help)}\n# TYPE ${name} ${TYPES[head.type]}\n`;
  },
  shows: () => true,
  forbids: () => false,
  holds: (_type, suffix) => !['_created', '_gsum', '_gcount'].includes(suffix),
  exemplar: () => '',
  timestamp: (milliseconds) => String(Math.trunc(milliseconds)),
  createdName: () => undefined,
};

/** Prometheus text format 0.0.4 (Prometheus, "Exposition formats"). */
export const text: Format = lineFormat(dialect, 'text/plain; version=0.0.4; charset=utf-8', '');
