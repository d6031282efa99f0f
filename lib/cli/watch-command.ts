import { setTimeout as pause } from 'node:timers/promises';
import type { ReadStream } from 'node:tty';
import { type Command, type CommandContext, CommandError, EXIT, numberOption, stringOption } from './command.js';
import { addressIn, familiesOn, fetchPage, onlySource, SOURCE_OPTIONS } from './source/source.js';
import { WatchedPage } from './watch/sampler.js';
import { formatBrief, handleKey, screenLines, selected, type WatchView } from './watch/screen.js';

export const watchCommand: Command = {
  name: 'watch',
  summary: 'follow the series of a page in the terminal',
  operands: '<address>',
  description: `Shows all series with value, rate and a chart of the last minute, updated every second. Keys: q quits,
/ filters, s sorts, r reverses, space pauses, ? helps. If the output is not a terminal, it prints a line for each
series and sample: time, series, value, rate.`,
  examples: [
    'promark watch localhost:8000',
    'promark watch http://localhost:8000/metrics --filter http --count 10 | tee log.txt',
  ],
  options: {
    ...SOURCE_OPTIONS,
    interval: { type: 'string', short: 'n', value: '<seconds>', help: 'Time between two samples. Default: 1.' },
    filter: {
      type: 'string',
      short: 'f',
      value: '<words>',
      help: 'Show only series whose names and labels contain all these words.',
    },
    count: { type: 'string', short: 'c', value: '<n>', help: 'Stop after this number of samples.' },
    ascii: { type: 'boolean', help: 'Draw with ASCII characters only.' },
    json: { type: 'boolean', help: 'Print a JSON object per line, for each series and sample.' },
  },
  async run(context) {
    const { values, stdout, stdin } = context;
    const address = addressIn(onlySource(context));
    if (address === undefined)
      throw new CommandError('promark watch follows an address, such as http://localhost:8000/metrics.');
    const page = new WatchedPage();
    const sample = async (signal?: AbortSignal) => {
      const families = familiesOn(await fetchPage(address, context, signal), address);
      page.add(families, performance.now() / 1000);
    };
    const milliseconds = numberOption(values, 'interval', 1, 0.1) * 1000;
    const count = numberOption(values, 'count', Number.POSITIVE_INFINITY, 1);
    // Reads the first page before the screen changes, so that a wrong address ends with a plain message.
    await sample();
    const view: WatchView = {
      sort: 'name',
      descends: false,
      filter: stringOption(values, 'filter') ?? '',
      editing: false,
      paused: false,
      help: false,
      top: 0,
    };
    const isTerminal = stdout.isTTY === true && (stdin as ReadStream).isTTY === true && values.json !== true;
    await (isTerminal ? onScreen : asLines)({ address, milliseconds, count, page, view, sample }, context);
    return EXIT.ok;
  },
};

/** What to watch, and how. */
interface WatchOptions {
  readonly address: string;
  /** Between two samples. */
  readonly milliseconds: number;
  readonly count: number;
  readonly page: WatchedPage;
  readonly view: WatchView;
  /** Reads the page again, unless aborted by the signal. */
  sample(signal?: AbortSignal): Promise<void>;
}

async function asLines(
  { milliseconds, count, page, view, sample }: WatchOptions,
  context: CommandContext,
): Promise<void> {
  const { stdout, values } = context;
  for (let n = 1; ; n++) {
    const time = new Date().toISOString();
    for (const { name, value, rate } of selected(page.all(), view)) {
      const finiteRate = Number.isNaN(rate) ? undefined : rate;
      if (values.json === true)
        stdout.write(`${JSON.stringify({ time, series: name, value: jsonNumber(value), rate: finiteRate })}\n`);
      else
        stdout.write(
          `${time} ${name} ${formatBrief(value)}${finiteRate === undefined ? '' : ` ${formatBrief(finiteRate)}/s`}\n`,
        );
    }
    if (n >= count) return;
    await pause(milliseconds);
    await sample();
  }
}

function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

const ESCAPE = '\u001b';
/** Matches a key: one that sends an escape sequence, or a character. */
const KEYS = new RegExp(`${ESCAPE}\\[[A-Z]|${ESCAPE}\\[\\d~|[\\s\\S]`, 'gu');
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
/** Terminals that support synchronized output show everything between these at once. */
const [BEGIN, END] = ['\u001b[?2026h', '\u001b[?2026l'];

async function onScreen(watch: WatchOptions, context: CommandContext): Promise<void> {
  const { address, milliseconds, count, page, view, sample } = watch;
  const { stdout, values, env } = context;
  const stdin = context.stdin as ReadStream;
  const output = stdout as NodeJS.WriteStream;
  const ascii = values.ascii === true || env.TERM === 'linux';
  let problem = '';
  const draw = () => {
    const { columns: width = 80, rows: height = 24 } = output;
    const title = problem === '' ? address : `${address}: ${problem}`;
    const lines = screenLines(page.all(), view, { width, height, title, ascii });
    stdout.write(`${BEGIN}\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\r\n')}\u001b[J${END}`);
  };
  const restore = () => {
    stdin.setRawMode(false);
    stdin.pause();
    stdout.write(LEAVE);
  };
  const ended = new AbortController();
  const stop = () => ended.abort();
  // Restores the terminal, however the program ends.
  process.once('exit', restore);
  for (const signal of SIGNALS) process.once(signal, stop);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.on('data', (keys: string) => {
    for (const key of keys.match(KEYS) ?? []) {
      if (handleKey(view, key, (output.rows ?? 24) - 4)) stop();
    }
    if (!ended.signal.aborted) draw();
  });
  output.on('resize', draw);
  stdout.write(ENTER);
  try {
    for (let n = 1; n < count && !ended.signal.aborted; n++) {
      draw();
      await pause(milliseconds, undefined, { signal: ended.signal }).catch(() => {});
      if (ended.signal.aborted || view.paused) continue;
      try {
        await sample(ended.signal);
        problem = '';
      } catch (error) {
        problem = (error as Error).message;
      }
    }
  } finally {
    output.off('resize', draw);
    stdin.removeAllListeners('data');
    for (const signal of SIGNALS) process.off(signal, stop);
    process.off('exit', restore);
    restore();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
