import { ParseError, show } from '../../model/errors.js';
import type { FamilySnapshot, Sample } from '../../model/family.js';
import { FamilyDraft } from './family-draft.js';
import type { FamilyRules } from './family-rules.js';

/**
 * The families of a page. Sees to it that the lines of each stand together, metadata before samples, and that no two
 * families can have samples of the same name (text 0.0.4, section Grouping and sorting; OpenMetrics 1.0, sections
 * MetricFamily and Suffixes).
 */
export class FamilyBook {
  private current: FamilyDraft | undefined;
  private readonly families = new Map<string, FamilyDraft>();
  private readonly owners = new Map<string, FamilyDraft>();

  constructor(private readonly rules: FamilyRules) {}

  /** The family that a metadata line speaks of. */
  describe(name: string, line: number): FamilyDraft {
    const { current } = this;
    if (current?.name !== name) return this.open(name, line);
    if (current.hasSamples) {
      throw new ParseError(`expected the metadata of metric ${show(name)} before its samples, found them behind`, line);
    }
    return current;
  }

  /** Puts a sample into its family, which is a new one of unknown type where no metadata stood before it. */
  add(sample: Sample, line: number): void {
    const { current } = this;
    const family = current?.accepts(sample.name) ? current : this.open(sample.name, line);
    family.add(sample, line);
  }

  /** All families in the order of the page. */
  finish(): FamilySnapshot[] {
    this.close();
    return [...this.families.values()].map((family) => family.snapshot());
  }

  private open(name: string, line: number): FamilyDraft {
    const before = this.current;
    if (before?.name === name) {
      const names = before.sampleNames.map((sampleName) => show(sampleName)).join(', ');
      throw new ParseError(`expected a sample of ${before.title} to be named ${names}, found ${show(name)}`, line);
    }
    this.close();
    const earlier = this.families.get(name) ?? this.owners.get(name);
    if (earlier && before) {
      const lines = earlier === before ? 'one more line' : `a line behind ${before.title}`;
      throw new ParseError(`expected all lines of ${earlier.title} together, found ${show(name)} in ${lines}`, line);
    }
    const family = new FamilyDraft(name, line, this.rules);
    this.families.set(name, family);
    this.current = family;
    return family;
  }

  private close(): void {
    const family = this.current;
    if (!family) return;
    family.end();
    for (const name of family.sampleNames) {
      const owner = this.owners.get(name);
      if (owner) {
        throw new ParseError(
          `expected sample names that no other family has, found ${show(name)} of ${family.title} and of ${owner.title}`,
          family.line,
        );
      }
      this.owners.set(name, family);
    }
  }
}
