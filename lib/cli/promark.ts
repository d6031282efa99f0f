import { readFileSync } from 'node:fs';
import { main } from './main.js';

// The `promark` command, which scripts/build.mjs bundles into dist/cli.js.

const { stdin, stdout, stderr, env, argv } = process;
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// It is not an error if a reader such as `head` closes the pipe early.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

process.exitCode = await main(argv.slice(2), { stdin, stdout, stderr, env, version });
