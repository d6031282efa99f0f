import { jsonText } from '../formats/json.js';
import { type Command, CommandError, EXIT } from './command.js';
import { familiesOn, loadSource, onlySource, SOURCE_HELP, SOURCE_OPTIONS } from './source/source.js';

export const parseCommand: Command = {
  name: 'parse',
  summary: 'read a page and print its families as JSON',
  operands: '<source>',
  description: `Prints the families of a page with all samples as JSON: name, type, help, unit, samples with labels,
value, timestamp and exemplar. NaN and the infinities, which JSON lacks, are strings.

${SOURCE_HELP}`,
  examples: [
    'promark parse http://localhost:8000/metrics',
    `promark parse page.txt | jq '.[] | select(.type == "counter") | .name'`,
  ],
  options: {
    ...SOURCE_OPTIONS,
    json: { type: 'boolean', help: 'Accepted as by other commands; the output is always JSON.' },
  },
  async run(context) {
    const name = onlySource(context);
    const source = await loadSource(name, context);
    const families = source.page === undefined ? source.families : familiesOn(source.page, name);
    if (families === undefined)
      throw new CommandError(`${name} is a manifest, which has no samples: give the address or a file of a page.`);
    context.stdout.write(`${jsonText(families, 2)}\n`);
    return EXIT.ok;
  },
};
