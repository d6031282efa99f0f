import type { FamilyHead } from '../model/family.js';
import { nameSuffixOf, TYPE_RULES } from '../model/family-types.js';
import type { Escaping } from './escaping.js';
import { escapeHelp, nameInHeader } from './escaping.js';
import type { Dialect, Format } from './format.js';
import { lineFormat } from './line-format.js';

const dialect: Dialect = {
  header(head: FamilyHead, escaping: Escaping): string {
    const name = nameInHeader(head.name, escaping, nameSuffixOf(head.type));
    return `# HELP ${name} ${escapeHelp(head.help)}\n# TYPE ${name} ${TYPE_RULES[head.type].textType}\n`;
  },
  shows: () => true,
  forbids: () => false,
  holds: (suffix) => !['_created', '_gsum', '_gcount'].includes(suffix),
  exemplar: () => '',
  timestamp: (milliseconds) => String(Math.trunc(milliseconds)),
  createdName: () => undefined,
};

/** Prometheus text format 0.0.4 (Prometheus, "Exposition formats"). */
export const text: Format = lineFormat(dialect, 'text/plain; version=0.0.4; charset=utf-8', '');
