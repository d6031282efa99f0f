import type { Exemplar } from '../model/exemplar.js';
import type { FamilyHead } from '../model/family.js';
import type { LiveFamily, SampleShape } from '../model/live-family.js';
import type { ByteWriter } from './byte-writer.js';
import type { Dialect } from './dialect.js';
import { formatLabels, labelStart, lineStart } from './line.js';
import { headIn, labelNameIn, type Variant } from './variant.js';

/** What stands around the labels of a series in one of its lines, from the line's start up to the value. */
export interface LineFrame {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** The whole, for a series without labels. */
  readonly bare: Uint8Array;
}

/** A default label, and the label of the family that takes its place where a series has it. */
interface Default {
  readonly text: Uint8Array;
  readonly own: number;
}

const COMMA = Buffer.from(',');
const QUOTE = Buffer.from('"');

/** How the lines of a live family's series are written in one variant: all that they have in common, as bytes. */
export class LinePlan {
  readonly header: string;
  /** Line by line; undefined for a line that is not shown. */
  readonly frames: readonly (LineFrame | undefined)[];
  /** Whether some values make a line, and a sum its count too, unfit for the format. */
  readonly isSelective: boolean;
  /** The line that tells when a series began, in variants and formats that have it. */
  readonly created: LineFrame | undefined;
  private readonly head: FamilyHead;
  private readonly shape: readonly SampleShape[];
  /** Each label up to its value. */
  private readonly starts: readonly Uint8Array[];
  private readonly defaults: readonly Default[];

  constructor(
    family: LiveFamily,
    private readonly dialect: Dialect,
    private readonly variant: Variant,
  ) {
    const { escaping, defaultLabels } = variant;
    const { labelNames } = family;
    this.head = headIn(variant, family);
    this.shape = family.shape.map(({ suffix, label }) => {
      return label === undefined ? { suffix } : { suffix, label: [labelNameIn(variant, family, label[0]), label[1]] };
    });
    this.header = dialect.header(this.head, escaping);
    this.frames = this.shape.map((line) => {
      if (!dialect.shows(this.head, line, this.shape)) return undefined;
      return frame(this.head.name, line, variant);
    });
    this.isSelective = this.shape.some(({ suffix }) => dialect.forbids(this.head.type, suffix, -1));
    const createdName = variant.created ? dialect.createdName(this.head) : undefined;
    this.created = createdName === undefined ? undefined : frame(createdName, { suffix: '' }, variant);
    this.starts = labelNames.map((name) => Buffer.from(labelStart(name, escaping)));
    this.defaults = defaultLabels
      .filter(([, value]) => value !== '')
      .map((pair) => ({ text: Buffer.from(formatLabels([pair], escaping)), own: labelNames.indexOf(pair[0]) }));
  }

  /** Writes the labels of a series, in the order of the family's `labelNames`, then the default ones. */
  writeLabels(writer: ByteWriter, values: readonly string[]): void {
    const { starts, defaults } = this;
    const from = writer.length;
    for (let i = 0; i < starts.length; i++) {
      // An empty label is the same as none, and is not printed.
      if (values[i] === '') continue;
      if (writer.length > from) writer.copy(COMMA);
      writer.copy(starts[i]);
      writer.quoted(values[i]);
      writer.copy(QUOTE);
    }
    for (const { text, own } of defaults) {
      if (own >= 0 && values[own] !== '') continue;
      if (writer.length > from) writer.copy(COMMA);
      writer.copy(text);
    }
  }

  /** Whether a line of a series, whose values begin at `values[at]`, is left out for its value. */
  isForbidden(line: number, values: Float64Array, at: number): boolean {
    const { shape, head, dialect } = this;
    // A sum stands in front of its count, which a histogram cannot have without it.
    const decisive = head.type === 'histogram' && shape[line].suffix === '_count' ? line - 1 : line;
    return dialect.forbids(head.type, shape[decisive].suffix, values[at + decisive]);
  }

  /** What stands behind the value of a line that has an exemplar. */
  exemplar(line: number, exemplar: Exemplar): string {
    return this.dialect.exemplar(this.head, this.shape[line].suffix, exemplar, this.variant.escaping);
  }
}

function frame(name: string, { suffix, label }: SampleShape, { escaping }: Variant): LineFrame {
  const { open, bare } = lineStart(name, suffix, escaping);
  if (label === undefined) return { before: Buffer.from(open), after: Buffer.from('} '), bare: Buffer.from(bare) };
  const own = formatLabels([label], escaping);
  return { before: Buffer.from(open), after: Buffer.from(`,${own}} `), bare: Buffer.from(`${open}${own}} `) };
}
