import type { FamilySnapshot } from '../model/family.js';
import type { LiveFamily } from '../model/live-family.js';
import type { Variant } from './variant.js';

/** A family in one format and variant, kept so that the next page costs only what has changed. */
export interface PreparedPage {
  /** The family as of now, in pieces. Others may get their turn on the event loop between any two; some are empty. */
  pieces(): Iterable<Uint8Array>;
}

/** A format that pages can be written in. */
export interface Format {
  /** The `Content-Type` without its `escaping` parameter. */
  readonly contentType: string;
  /** What stands at the end of a page. */
  readonly end: string;
  /** Prepares the page of a family whose numbers are read where they lie. */
  prepare(family: LiveFamily, variant: Variant): PreparedPage;
  /** Writes a family as it stood at one moment. */
  write(family: FamilySnapshot, variant: Variant): Uint8Array;
}
