// One measurement in this process: `node bench/measure.mjs <case> <contender> <options as JSON>`. Started by run.mjs.
import { CASES } from './harness/cases.mjs';

const [name, contender, options] = process.argv.slice(2);
const found = CASES.find((candidate) => candidate.name === name);
if (found === undefined) throw new Error(`bench: there is no case called ${name}`);
process.stdout.write(`${JSON.stringify(await found.run(contender, JSON.parse(options)))}\n`);
