import type { Dialect } from './dialect.js';
import type { Format } from './format.js';
import { LivePage } from './live-page.js';
import { snapshotPage } from './snapshot-page.js';

/** A text format that has a line for each sample. */
export function lineFormat(dialect: Dialect, contentType: string, end: string): Format {
  return {
    contentType,
    end,
    prepare: (family, variant) => new LivePage(family, dialect, variant),
    write: (family, variant) => Buffer.from(snapshotPage(family, dialect, variant)),
  };
}
