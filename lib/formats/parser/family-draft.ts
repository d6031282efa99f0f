import { ParseError, show } from '../../model/errors.js';
import type { FamilySnapshot, FamilyType, Sample } from '../../model/family.js';
import type { FamilyRules, SampleCheck } from './family-rules.js';

/** A family while its lines are being read. */
export class FamilyDraft {
  private type: FamilyType | undefined;
  private help: string | undefined;
  private unit: string | undefined;
  private check: SampleCheck | undefined;
  private readonly samples: Sample[] = [];

  constructor(
    /** As the page's metadata have it: in OpenMetrics a counter's without `_total`. */
    readonly name: string,
    /** The line where the family begins. */
    readonly line: number,
    private readonly rules: FamilyRules,
  ) {}

  get hasSamples(): boolean {
    return this.samples.length > 0;
  }

  /** Such as `counter "requests"`, for messages. */
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

  /** Says that no more samples will come. */
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
    if (this.type === 'info' || this.type === 'stateset') {
      throw new ParseError(`expected no unit for ${this.title}, found ${show(this.unit)}`, line);
    }
  }
}
