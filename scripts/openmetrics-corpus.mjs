// Runs our OpenMetrics parser over the conformance pages of the OpenMetrics project, which are not part of this repository:
//   git clone https://github.com/prometheus/OpenMetrics ../OpenMetrics && npm run build
//   node scripts/openmetrics-corpus.mjs ../OpenMetrics/tests/testdata/parsers
// Prints each page on which the parser and the project disagree; exits with 1 if there is any.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseOpenMetrics } from 'promark';
import { readCommandLine } from './program.mjs';

const {
  operands: [folder],
  refuse,
} = readCommandLine(import.meta.url, { operands: { least: 1, most: 1 } });
if (!existsSync(folder)) refuse(`there is no folder ${folder}.`);
const cases = readdirSync(folder);
let agreed = 0;
for (const name of cases) {
  const { file, shouldParse } = JSON.parse(readFileSync(join(folder, name, 'test.json'), 'utf8'));
  let error;
  try {
    // Invalid UTF-8 must not silently turn into replacement characters.
    parseOpenMetrics(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(join(folder, name, file))),
    );
  } catch (fault) {
    error = fault;
  }
  if ((error === undefined) === shouldParse) agreed += 1;
  else console.log(`${name}: ${shouldParse ? `refused: ${error.message}` : 'accepted'}`);
}
console.log(`${agreed} of ${cases.length} pages agree`);
process.exitCode = agreed === cases.length && agreed > 0 ? 0 : 1;
