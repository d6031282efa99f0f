// Runs one measurement in this process: `node bench/measure.mjs <group> <case> <contenders> <options as JSON>`. Started
// by harness/rounds.mjs. Prints `{ contender: { value: number } }`.
import { loadGroup } from './groups.mjs';
import { countOnlyAt, shareAtFullSpeed } from './harness/samples.mjs';

const [group, name, contenders, optionsText] = process.argv.slice(2);
const found = (await loadGroup(group)).cases.find((candidate) => candidate.name === name);
if (found === undefined) throw new Error(`bench: ${group} has no case called ${name}`);
const names = contenders.split(',');
const options = JSON.parse(optionsText);
if (options.fullSpeed !== undefined) countOnlyAt(options.fullSpeed);
const numbers = {};
if (found.together === undefined) for (const one of names) numbers[one] = await found.work[one](options);
else Object.assign(numbers, await found.together(names, options));
for (const one of names) if (options.fullSpeed !== undefined) numbers[one].atFullSpeed = shareAtFullSpeed();
process.stdout.write(`${JSON.stringify(numbers)}\n`);
