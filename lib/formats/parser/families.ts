import { ParseError, show } from '../../model/errors.js';
import type { FamilySnapshot, Sample } from '../../model/family.js';
import { type FamilyType, reservedLabelOf, TYPE_RULES } from '../../model/family-types.js';

/** The rules of a format for families and their samples, apart from the grammar of lines. */
export interface FamilyRules {
  /** The suffixes that samples of a family of this type may have; the empty one is the family's own name. */
  suffixes(type: FamilyType): readonly string[];
  /** The family's name in promark: a counter's with `_total`. */
  snapshotName(name: string, type: FamilyType): string;
  /** Returns a check for the samples of one family. Called with its first sample. */
  check(name: string, type: FamilyType): SampleCheck;
}

/** Checks the samples of one family in page order. Throws ParseError if one breaks a rule. */
export interface SampleCheck {
  add(sample: Sample, suffix: string, line: number): void;
  /** Called when the family has no more samples. */
  end(): void;
}

/** Returns the label that distinguishes the samples of one series, such as `le`; undefined if there is none. */
export function partLabel(name: string, type: FamilyType, suffix: string): string | undefined {
  const { lines, suffixes } = TYPE_RULES[type];
  if (lines === 'states') return name;
  return suffix === suffixes[0] ? reservedLabelOf(type) : undefined;
}

/** A family while its lines are being read. */
export class FamilyDraft {
  private type: FamilyType | undefined;
  private help: string | undefined;
  private unit: string | undefined;
  private check: SampleCheck | undefined;
  private readonly samples: Sample[] = [];

  constructor(
    /** As in the page's metadata: in OpenMetrics, a counter's is without `_total`. */
    readonly name: string,
    /** The line where the family begins. */
    readonly line: number,
    private readonly rules: FamilyRules,
  ) {}

  get hasSamples(): boolean {
    return this.samples.length > 0;
  }

  /** For messages, such as `counter "requests"`. */
  get title(): string {
    return `${this.type ?? 'unknown'} ${show(this.name)}`;
  }

  /** The names that this family's samples may have. */
  get sampleNames(): readonly string[] {
    return this.suffixes.map((suffix) => this.name + suffix);
  }

  setType(type: FamilyType, line: number): void {
    if (this.type !== undefined) this.rejectSecond('TYPE', line);
    this.type = type;
    this.checkUnit(line);
  }

  setHelp(help: string, line: number): void {
    if (this.help !== undefined) this.rejectSecond('HELP', line);
    this.help = help;
  }

  setUnit(unit: string, line: number): void {
    if (this.unit !== undefined) this.rejectSecond('UNIT', line);
    this.unit = unit;
    this.checkUnit(line);
  }

  /** Whether a sample of this name belongs here. */
  accepts(sampleName: string): boolean {
    if (!sampleName.startsWith(this.name)) return false;
    return this.suffixes.includes(sampleName.slice(this.name.length));
  }

  add(sample: Sample, line: number): void {
    this.check ??= this.rules.check(this.name, this.type ?? 'unknown');
    this.check.add(sample, sample.name.slice(this.name.length), line);
    this.samples.push(sample);
  }

  /** Called when the family has no more samples. */
  end(): void {
    this.check?.end();
  }

  snapshot(): FamilySnapshot {
    const type = this.type ?? 'unknown';
    const { help = '', unit = '', samples } = this;
    return { name: this.rules.snapshotName(this.name, type), type, help, unit, samples };
  }

  private get suffixes(): readonly string[] {
    return this.rules.suffixes(this.type ?? 'unknown');
  }

  private rejectSecond(keyword: string, line: number): never {
    throw new ParseError(`expected one ${keyword} line for metric ${show(this.name)}, found a second one`, line);
  }

  private checkUnit(line: number): void {
    if (!this.unit) return;
    if (!this.name.endsWith(`_${this.unit}`)) {
      throw new ParseError(`expected metric ${show(this.name)} to end with its unit, "_${this.unit}"`, line);
    }
    if (this.type !== undefined && !TYPE_RULES[this.type].mayHaveUnit) {
      throw new ParseError(`expected no unit for ${this.title}, found ${show(this.unit)}`, line);
    }
  }
}

/**
 * The families of a page. Checks that the lines of each family are contiguous, with metadata before samples, and that
 * no two families can have samples of the same name (text 0.0.4, section Grouping and sorting; OpenMetrics 1.0,
 * sections MetricFamily and Suffixes).
 */
export class FamilyBook {
  private current: FamilyDraft | undefined;
  private readonly families = new Map<string, FamilyDraft>();
  private readonly owners = new Map<string, FamilyDraft>();

  constructor(private readonly rules: FamilyRules) {}

  /** Returns the family of a metadata line. */
  describe(name: string, line: number): FamilyDraft {
    const { current } = this;
    if (current?.name !== name) return this.open(name, line);
    if (current.hasSamples) {
      throw new ParseError(
        `expected the metadata of metric ${show(name)} before its samples, found it after them`,
        line,
      );
    }
    return current;
  }

  /** Adds a sample to its family, which is a new one of unknown type if no metadata precede the sample. */
  add(sample: Sample, line: number): void {
    const { current } = this;
    const family = current?.accepts(sample.name) ? current : this.open(sample.name, line);
    family.add(sample, line);
  }

  /** Returns all families in page order. */
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
      const lines = earlier === before ? 'one more line' : `a line after ${before.title}`;
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
