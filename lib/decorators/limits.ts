import { LabelError } from '../model/errors.js';

/** What stands for all values of a label that are one too many, or not among those that there are. */
const OTHER = 'other';

const DEFAULT_MAX = 100;

/**
 * How many values each label of a mark has had. A label that takes an id by mistake must not fill the page: beyond its
 * limit its values are `other`.
 */
export class Limits {
  private readonly seen = new Map<string, Set<string>>();

  constructor(private readonly tell: (error: unknown) => void) {}

  /** The value itself, or `other`. */
  admit(label: string, text: string, values?: ReadonlySet<string>, max = DEFAULT_MAX): string {
    if (values !== undefined) return values.has(text) ? text : OTHER;
    const seen = this.seen.get(label) ?? new Set();
    this.seen.set(label, seen);
    if (seen.has(text)) return text;
    if (seen.size < max) {
      seen.add(text);
      return text;
    }
    this.tell(
      new LabelError(
        `label "${label}" has had ${max} values and takes no more: others are "${OTHER}". It probably holds an id or a raw ` +
          'path; say { of, values } or { of, max } for more.',
      ),
    );
    return OTHER;
  }
}
