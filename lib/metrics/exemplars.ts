import { PromarkError } from '../model/errors.js';
import { EXEMPLAR_LIMIT, type Exemplar, exemplarLength } from '../model/exemplar.js';

/** The labels of an exemplar, as they are given to a recording call. */
export type ExemplarLabels = { readonly [label: string]: string | number };

/**
 * Whether a recording call's object is prom-client's form for exemplars, `{ labels, value, exemplarLabels }`, and not
 * the labels themselves.
 */
export function carriesExemplar(given: object, labelNames: readonly string[]): boolean {
  return Object.keys(given).every((key) => FORM.includes(key) && !labelNames.includes(key));
}

const FORM = ['labels', 'value', 'exemplarLabels'];

/** Makes an exemplar of what a caller gave. Throws where it has more than 128 code points. */
export function makeExemplar(given: ExemplarLabels, value: number): Exemplar {
  const labels: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, text] of Object.entries(given)) labels[name] = String(text);
  const length = exemplarLength(labels);
  if (length > EXEMPLAR_LIMIT) {
    throw new PromarkError(
      `An exemplar has at most ${EXEMPLAR_LIMIT} code points in names and values, this one has ${length}.`,
    );
  }
  return { labels, value, timestamp: Date.now() };
}

/** The newest exemplar of each line of each series of a family. */
export class ExemplarShelf {
  private readonly rows = new Map<number, (Exemplar | undefined)[]>();

  put(row: number, line: number, exemplar: Exemplar): void {
    const lines = this.rows.get(row);
    if (lines === undefined) this.rows.set(row, sparse(line, exemplar));
    else lines[line] = exemplar;
  }

  get(row: number, line: number): Exemplar | undefined {
    return this.rows.get(row)?.[line];
  }

  drop(row: number): void {
    this.rows.delete(row);
  }
}

function sparse(line: number, exemplar: Exemplar): (Exemplar | undefined)[] {
  const lines: (Exemplar | undefined)[] = [];
  lines[line] = exemplar;
  return lines;
}
