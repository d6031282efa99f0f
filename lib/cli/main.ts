import { PromarkError } from '../model/errors.js';
import { closest } from '../model/options.js';
import { type Command, CommandError, EXIT, type ExitCode, helpOf, parseArguments } from './command.js';
import { dashboardCommand } from './dashboard-command.js';
import { diffCommand } from './diff-command.js';
import { lintCommand } from './lint-command.js';
import { parseCommand } from './parse-command.js';
import { rulesCommand } from './rules-command.js';
import { columns, type Output, Styler } from './terminal.js';
import { watchCommand } from './watch-command.js';

const COMMANDS: readonly Command[] = [
  lintCommand,
  rulesCommand,
  dashboardCommand,
  watchCommand,
  diffCommand,
  parseCommand,
];

/** The environment of the program. */
export interface Environment {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
}

/** Runs a command line. Resolves with the exit code: 0 on success, 1 if something was found, 2 on failure. */
export async function main(args: readonly string[], { version, ...environment }: Environment): Promise<ExitCode> {
  const { stdout, stderr, env } = environment;
  const style = new Styler(stdout, env);
  const [first, ...rest] = args;
  if (first === undefined) {
    stderr.write(overview(style));
    return EXIT.failed;
  }
  if (first === '--version' || first === '-v') {
    stdout.write(`${version}\n`);
    return EXIT.ok;
  }
  try {
    if (first === '--help' || first === '-h' || first === 'help') {
      stdout.write(rest[0] === undefined ? overview(style) : helpOf(commandOf(rest[0]), style));
      return EXIT.ok;
    }
    const command = commandOf(first);
    const parsed = parseArguments(command, rest);
    if (parsed.values.help === true) {
      stdout.write(helpOf(command, style));
      return EXIT.ok;
    }
    return await command.run({ ...environment, ...parsed, style });
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof PromarkError)) throw error;
    stderr.write(`promark: ${error.message}\n`);
    return EXIT.failed;
  }
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((known) => known.name === name);
  if (command !== undefined) return command;
  const guess = closest(
    name,
    COMMANDS.map((known) => known.name),
  );
  const hint = guess === undefined ? 'promark --help lists them.' : `Did you mean ${guess}?`;
  throw new CommandError(`There is no command "${name}". ${hint}`);
}

function overview(style: Styler): string {
  return [
    `${style.paint('bold', 'Usage:')} promark <command> [options] <source>`,
    '',
    style.paint('bold', 'Commands:'),
    ...columns(COMMANDS.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    'promark <command> --help shows the options of a command.',
    'Exit codes: 0 if all is well, 1 if something was found, 2 if the command failed.',
    '',
  ].join('\n');
}
