import { stripVTControlCharacters, styleText } from 'node:util';

/** The output of a command. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export type Style = Parameters<typeof styleText>[0];

/** Styles text if the output is a terminal that supports colors (`NO_COLOR`, `FORCE_COLOR`). */
export class Styler {
  readonly colors: boolean;

  constructor(output: Output, env: NodeJS.ProcessEnv) {
    const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
    const refused = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
    this.colors = forced || (output.isTTY === true && !refused);
  }

  paint(style: Style, text: string): string {
    return this.colors ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** Removes escape sequences and control characters, so that strings from a page cannot control the terminal. */
export function sanitize(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');
}

/** Formats rows as aligned columns; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[], gap = '  '): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i])))
      .join(gap)
      .trimEnd(),
  );
}
