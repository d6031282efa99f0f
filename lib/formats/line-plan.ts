import type { Exemplar } from '../model/exemplar.js';
import type { FamilyHead } from '../model/family.js';
import type { LiveFamily, SampleShape } from '../model/live-family.js';
import type { Dialect } from './dialect.js';
import { type LabelPairs, labelText, linePrefix } from './line.js';
import { headIn, type Variant, withDefaults } from './variant.js';

/** How the lines of a live family's series are written in one variant. */
export class LinePlan {
  readonly header: string;
  private readonly head: FamilyHead;
  private readonly labelNames: readonly string[];
  private readonly shape: readonly SampleShape[];
  private readonly shown: readonly boolean[];
  private readonly createdName: string | undefined;

  constructor(
    family: LiveFamily,
    private readonly dialect: Dialect,
    private readonly variant: Variant,
  ) {
    this.head = headIn(variant, family);
    this.labelNames = family.labelNames;
    this.shape = family.shape.map((line) => renamed(line, family.name, this.head));
    this.header = dialect.header(this.head, variant.escaping);
    this.shown = this.shape.map((line) => dialect.shows(this.head, line, this.shape));
    this.createdName = variant.created ? dialect.createdName(this.head) : undefined;
  }

  /** Lines of one series, those included that are not shown. */
  get lines(): number {
    return this.shape.length;
  }

  /** What stands before the value, line by line; undefined for a line that is not shown. */
  prefixes(labelValues: readonly string[]): (string | undefined)[] {
    const { escaping } = this.variant;
    const labels = this.labelsOf(labelValues);
    const common = labelText(labels, escaping);
    return this.shape.map(({ suffix, label }, i) => {
      if (!this.shown[i]) return undefined;
      const own = label === undefined ? '' : labelText([label], escaping);
      return linePrefix(this.head.name, suffix, common && own ? `${common},${own}` : common + own, escaping);
    });
  }

  /** What stands behind the value of a line that has an exemplar. */
  exemplar(line: number, exemplar: Exemplar): string {
    return this.dialect.exemplar(this.head, this.shape[line].suffix, exemplar, this.variant.escaping);
  }

  /** The line that tells when a series began, or nothing. */
  created(labelValues: readonly string[], createdAt: number): string {
    if (this.createdName === undefined) return '';
    const { escaping } = this.variant;
    const labels = labelText(this.labelsOf(labelValues), escaping);
    return `${linePrefix(this.createdName, '', labels, escaping)}${createdAt / 1000}\n`;
  }

  private labelsOf(labelValues: readonly string[]): LabelPairs {
    return withDefaults(
      this.variant,
      this.labelNames.map((name, i) => [name, labelValues[i]] as const),
    );
  }
}

/** OpenMetrics 1.0, section StateSet: the label has the family's name, so a prefix goes before it as well. */
function renamed(line: SampleShape, name: string, head: FamilyHead): SampleShape {
  const { suffix, label } = line;
  return head.type === 'stateset' && label?.[0] === name ? { suffix, label: [head.name, label[1]] } : line;
}
