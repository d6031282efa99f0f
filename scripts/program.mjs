// What the programs of this repository that are run by hand have in common: how they take options, and a folder for
// temporary files.
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Exit codes, as those of the command `promark`: 1 is for what a program has found. */
const FAILED = 2;
const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 };

/** Rules for the values of options and for operands. */
export const rule = {
  /** A number that is not smaller. */
  number: (least) => ({
    expected: `a number of at least ${least}`,
    accepts: (text) => text.trim() !== '' && Number.isFinite(Number(text)) && Number(text) >= least,
  }),
  wholeNumber: (least) => ({
    expected: `a whole number of at least ${least}`,
    accepts: (text) => text.trim() !== '' && Number.isInteger(Number(text)) && Number(text) >= least,
  }),
  oneOf: (words) => ({ expected: `one of ${words.join(', ')}`, accepts: (text) => words.includes(text) }),
  /** Values separated by commas. */
  listOf: ({ expected, accepts }) => ({
    expected: `${expected}, or several separated by commas`,
    accepts: (text) => text.split(',').every(accepts),
  }),
  any: { expected: '', accepts: () => true },
};

/**
 * Reads the command line of a program. `--help` prints the comment at the top of its file. If anything is wrong, one line
 * says what and what is possible, and the process ends with exit code 2.
 *
 * @param url The `import.meta.url` of the program.
 * @param name What messages begin with. Default: the name of the file.
 * @param options By name: `type`, `short`, `default` as for `parseArgs`, and the `rule` of its values.
 * @param operands The `rule` of the operands, and their `least` and `most` number. Default: there are none.
 * @returns The `values` of the options, the `operands`, and `refuse(message)`, for what only the program can check.
 */
export function readCommandLine(url, { name = basename(url, '.mjs'), options = {}, operands = { most: 0 } } = {}) {
  const refuse = (message) => {
    console.error(`${name}: ${message}`);
    process.exit(FAILED);
  };
  const known = { ...options, help: { type: 'boolean', short: 'h' } };
  const help = () => {
    console.log(helpOf(url));
    process.exit(0);
  };
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: Object.fromEntries(Object.entries(known).map(([option, { rule: _, ...config }]) => [option, config])),
    });
    if (values.help) help();
    for (const [option, { rule: { expected, accepts } = rule.any }] of Object.entries(options)) {
      const value = values[option];
      if (typeof value === 'string' && !accepts(value)) refuse(`--${option} must be ${expected}, got "${value}".`);
    }
    const { least = 0, most = Infinity, rule: { expected, accepts } = rule.any } = operands;
    const wrong = positionals.find((operand) => !accepts(operand));
    if (most === 0 && positionals.length > 0) refuse(`takes no operands, got "${positionals[0]}"; ${optionsOf(known)}`);
    if (wrong !== undefined) refuse(`expected ${expected}, got "${wrong}".`);
    if (positionals.length < least) refuse(`an operand is missing; --help says which.`);
    if (positionals.length > most)
      refuse(`too many operands, "${positionals[most]}" is one of them; --help says which.`);
    return { values, operands: positionals, refuse };
  } catch (error) {
    if (!error.code?.startsWith('ERR_PARSE_ARGS')) throw error;
    const [problem] = error.message.split(/\.\s|\.$/);
    return refuse(`${problem[0].toLowerCase()}${problem.slice(1)}; ${optionsOf(known)}`);
  }
}

function optionsOf(options) {
  const names = Object.entries(options).map(([name, { type }]) => `--${name}${type === 'string' ? ' <value>' : ''}`);
  return `options are ${names.join(', ')}.`;
}

/** The comment at the top of a program, which says how to use it. */
function helpOf(url) {
  const lines = readFileSync(fileURLToPath(url), 'utf8').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n');
}

/** Creates a folder that is removed when the process ends, also by Ctrl-C. */
export function temporaryFolder(prefix) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const [signal, code] of Object.entries(INTERRUPTED)) process.once(signal, () => process.exit(code));
  return folder;
}
