import type { Exemplar } from '../../model/exemplar.js';
import type { FamilyHead, Sample } from '../../model/family.js';
import { NativeReading } from '../../model/native-histogram.js';
import type { Escaping } from '../escaping.js';
import type { LabelPairs } from '../line.js';
import { splitSampleName } from '../sample-name.js';
import type { BackwardWriter } from './backward-writer.js';
import { stepOf } from './message-plan.js';
import { writeHistogram, writeSummary } from './metric-data.js';

/** A histogram or summary put together from the samples of a snapshot. */
export class CompositeSeries {
  readonly labels: LabelPairs;
  private readonly steps: number[] = [];
  private readonly values: number[] = [];
  private readonly exemplars: (Exemplar | undefined)[] = [];
  private sum = Number.NaN;
  private count = 0;
  private native: NativeReading | undefined;

  constructor(
    private readonly head: FamilyHead,
    readonly first: Sample,
    private readonly createdAt: number,
  ) {
    this.labels = Object.entries(first.labels).filter(([name]) => name !== this.stepName);
  }

  /** Takes one of its samples. */
  take(sample: Sample): void {
    const { suffix } = splitSampleName(this.head, sample.name);
    const step = sample.labels[this.stepName];
    if (suffix === '_sum' || suffix === '_gsum') this.sum = sample.value;
    else if (suffix === '_count' || suffix === '_gcount') {
      this.count = sample.value;
      this.native = sample.native && new NativeReading();
      if (sample.native !== undefined) this.native?.load(sample.native);
    } else if (step !== undefined) {
      this.steps.push(stepOf(step));
      this.values.push(sample.value);
      this.exemplars.push(sample.exemplar);
    }
  }

  write(writer: BackwardWriter, escaping: Escaping): void {
    const { createdAt, exemplars, native } = this;
    const steps = Float64Array.from(this.steps);
    const values = Float64Array.of(...this.values, this.sum, this.count);
    if (this.head.type === 'summary') writeSummary(writer, steps, values, 0, { createdAt, exemplars });
    else writeHistogram(writer, steps, values, 0, native, { createdAt, exemplars }, escaping);
  }

  private get stepName(): string {
    return this.head.type === 'summary' ? 'quantile' : 'le';
  }
}
