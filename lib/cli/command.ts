import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { reasonOf } from '../model/errors.js';
import { closest } from '../model/options.js';
import type { Output, Styler } from './terminal.js';

/** Exit codes. */
export const EXIT = { ok: 0, found: 1, failed: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An invalid command line, or a source that cannot be read; printed without a stack trace. */
export class CommandError extends Error {
  override name = 'CommandError';
}

/** An option as its command declares it. */
export interface CommandOption {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** The placeholder for the value in the help, such as `<seconds>`. */
  readonly value?: string;
  readonly help: string;
}

export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** The input and output of a command. */
export interface CommandContext {
  readonly values: OptionValues;
  readonly positionals: readonly string[];
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  readonly style: Styler;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The operands: `<source>`. */
  readonly operands: string;
  /** The paragraphs after the usage in the command's help. */
  readonly description: string;
  readonly examples: readonly string[];
  readonly options: Readonly<Record<string, CommandOption>>;
  run(context: CommandContext): Promise<ExitCode>;
}

/** Options common to all commands. */
const COMMON: Readonly<Record<string, CommandOption>> = {
  help: { type: 'boolean', short: 'h', help: 'Show this help.' },
};

/** Parses a command's arguments. Throws CommandError for unknown ones. */
export function parseArguments(
  command: Command,
  args: readonly string[],
): Pick<CommandContext, 'values' | 'positionals'> {
  const options = { ...command.options, ...COMMON };
  const config: ParseArgsConfig = {
    args: [...args],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { type, short, multiple = false }]) => [
        name,
        { type, multiple, ...(short !== undefined && { short }) },
      ]),
    ),
    allowPositionals: true,
    strict: true,
  };
  try {
    const { values, positionals } = parseArgs(config);
    return { values: values as OptionValues, positionals };
  } catch (error) {
    const { message } = error as Error;
    const unknown = /^Unknown option '(-*)([^']+)'/.exec(message);
    if (unknown !== null) {
      const [, dashes, name] = unknown;
      const guess = closest(name, Object.keys(options));
      const hint = guess === undefined ? `promark ${command.name} --help lists them.` : `Did you mean --${guess}?`;
      throw new CommandError(`promark ${command.name} has no option ${dashes}${name}. ${hint}`);
    }
    const name = /^Option '(?:-\w, )?--([\w-]+) <value>' argument missing/.exec(message)?.[1];
    if (name === undefined) throw new CommandError(`${message.split('. ')[0].replace(/\.$/, '')}.`);
    throw new CommandError(`--${name} needs a value: --${name} ${options[name]?.value ?? '<value>'}.`);
  }
}

/** Returns the help of one command. */
export function helpOf(command: Command, style: Styler): string {
  const options = Object.entries({ ...command.options, ...COMMON }).map(([name, option]) => {
    const short = option.short === undefined ? '    ' : `-${option.short}, `;
    const value = option.type === 'string' ? ` ${option.value ?? '<value>'}` : '';
    return [`  ${short}--${name}${value}`, option.help] as const;
  });
  const width = Math.max(...options.map(([left]) => left.length)) + 2;
  const lines = options.map(
    ([left, help]) => `${left.padEnd(width)}${help.replaceAll('\n', `\n${' '.repeat(width)}`)}`,
  );
  return [
    `${style.paint('bold', 'Usage:')} promark ${command.name} [options] ${command.operands}`.trimEnd(),
    '',
    command.description,
    '',
    style.paint('bold', 'Options:'),
    ...lines,
    '',
    style.paint('bold', 'Examples:'),
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

/** Writes the file of an option. Throws CommandError if that fails. */
export async function writeTo(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? `there is no folder ${dirname(path)}` : reasonOf(error);
    throw new CommandError(`${path} cannot be written: ${reason}.`);
  }
}

/** Returns a numeric option. Throws CommandError if it is not a number. */
export function numberOption(values: OptionValues, name: string, fallback: number, minimum = 0): number {
  const value = values[name];
  if (value === undefined) return fallback;
  const number = Number(value);
  if (value !== '' && Number.isFinite(number) && number >= minimum) return number;
  throw new CommandError(`--${name} must be a number of at least ${minimum}, got "${String(value)}".`);
}

/** Returns an option with a fixed set of values. Throws CommandError for any other value. */
export function choiceOption<T extends string>(
  values: OptionValues,
  name: string,
  choices: readonly T[],
  fallback: T,
): T {
  const value = values[name];
  if (value === undefined) return fallback;
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  throw new CommandError(`--${name} must be one of ${choices.join(', ')}, got "${String(value)}".`);
}

/** Returns the values of an option that may be repeated. */
export function listOption(values: OptionValues, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
}

/** Returns a string option. */
export function stringOption(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}
