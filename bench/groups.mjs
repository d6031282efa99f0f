/** What can be measured by name: `npm run bench -- core`. Each group has a folder, a file of results and a table. */
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
 * Loads a group: its `cases`, and a `plan` where its measurements need other numbers than harness/rounds.mjs has.
 *
 * A case has
 * - `name`: what `--filter` goes by;
 * - `work`: for each contender the function that measures it, in a process of its own, and gives numbers by name, or
 *   undefined where the contender is not installed. Contenders are `promark`, its peers, and `limit`, which is the least
 *   program that does the same work. In place of `work`, a case whose contenders have to run side by side has
 *   `contenders`, a list of their names, and `together(names, options)`, which gives the numbers of all;
 * - `limit`: what the limit does, in words;
 * - `rows`: what is shown of the numbers, and what they should be;
 * - `flags` of the process, `processes` of which the median counts (default 1), and `slow` for fewer rounds.
 *
 * A row has the `work` in words, the `value` that it shows, its `unit`, what that is compared `against`, and a target:
 * - `peers`: the number of the same name of each contender that is not the limit; `atLeast` is how many times as fast
 *   promark is, `atMost` its share of the peer's number;
 * - `limit`: promark's number as a multiple of the limit's;
 * - `over`: how much more than the limit's, in the row's unit;
 * - `own`: promark's own number called `limit` in the row;
 * - `itself`: nothing; the target is in the row's unit.
 * `better: 'more'` marks numbers of which more is better; of all others less is.
 */
export async function loadGroup(name) {
  return (await import(`./${name}/group.mjs`)).default;
}

/** Who takes part in a case. */
export function contendersOf(one) {
  return one.contenders ?? Object.keys(one.work);
}
