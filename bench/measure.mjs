// Runs one measurement in this process: `node bench/measure.mjs <group> <case> <contenders> <options as JSON>`. Started
// by harness/rounds.mjs. Prints `{ contender: { value: number } }`.
import { loadGroup } from './groups.mjs';

const [group, name, contenders, optionsText] = process.argv.slice(2);
const found = (await loadGroup(group)).cases.find((candidate) => candidate.name === name);
if (found === undefined) throw new Error(`bench: ${group} has no case called ${name}`);
const names = contenders.split(',');
const options = JSON.parse(optionsText);
const numbers = {};
if (found.together === undefined) for (const one of names) numbers[one] = await found.work[one](options);
else Object.assign(numbers, await found.together(names, options));
process.stdout.write(`${JSON.stringify(numbers)}\n`);
