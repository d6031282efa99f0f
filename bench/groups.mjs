/** The groups of measurements, `npm run bench -- core`. Each has a folder, a results file and a table. */
export const GROUPS = [
  'core',
  'native',
  'allocation',
  'decorators',
  'server',
  'http',
  'threads',
  'drop-in',
  'processes',
];

/**
 * Loads a group: its `cases`, and a `plan` if it overrides numbers of harness/rounds.mjs.
 *
 * A case has
 * - `name`, which `--filter` matches;
 * - `work`: for each contender, the function that measures it in a separate process and returns numbers by name, or
 *   undefined if the contender is not installed. Contenders are `promark`, its peers, and `limit`, which is the minimal
 *   program that does the same work. If the contenders have to run at the same time, the case instead has `contenders`,
 *   a list of their names, and `together(names, options)`, which returns the numbers of all;
 * - `limit`: a description of what the limit does;
 * - `rows`: which numbers are shown, and their targets;
 * - `flags` of the process, `processes` to take the median of (default 1), and `slow` for fewer rounds.
 *
 * A row has a description of the `work`, the `value` it shows, its `unit`, what to compare it `against`, and a target:
 * - `peers`: the same number of every contender but the limit; `atLeast` is how many times as fast promark is, `atMost`
 *   its share of the peer's number;
 * - `limit`: promark's number as a multiple of the limit's;
 * - `over`: the difference to the limit's number, in the row's unit;
 * - `own`: promark's own number named by the row's `limit`;
 * - `itself`: nothing; the target is in the row's unit.
 * `better: 'more'` marks numbers of which more is better; for all others, less is better.
 */
export async function loadGroup(name) {
  return (await import(`./${name}/group.mjs`)).default;
}

/** The contenders in a case. */
export function contendersOf(benchCase) {
  return benchCase.contenders ?? Object.keys(benchCase.work);
}
