import process from 'node:process';

const versions: Readonly<Record<string, string | undefined>> = process.versions;

/**
 * Which runtime this is. Asked only where one of them has a function of Node's that answers with nothing or with
 * invented numbers, which looking for the function cannot tell. Everything else is looked for.
 */
export const runtime: 'node' | 'bun' | 'deno' =
  versions.bun !== undefined ? 'bun' : versions.deno !== undefined ? 'deno' : 'node';
