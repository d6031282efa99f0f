import { type Command, EXIT, stringOption, writeTo } from './command.js';
import { dashboardOf } from './dashboard/dashboard.js';
import { loadSource, onlySource, SOURCE_HELP, SOURCE_OPTIONS } from './source/source.js';

export const dashboardCommand: Command = {
  name: 'dashboard',
  summary: 'write a Grafana dashboard of a program',
  operands: '<source>',
  description: `Writes a dashboard for Grafana, in the classic JSON model: rate, errors and duration of HTTP requests and of
instrumented methods, what is in progress, objectives, every metric of the program, and the runtime.

Set the scrape interval (timeInterval) of the Prometheus data source: rates use $__rate_interval.

${SOURCE_HELP}`,
  examples: [
    'promark dashboard http://localhost:8000/metrics --title Shop > shop.json',
    'promark dashboard manifest.json --title Shop --uid shop --out dashboards/shop.json',
  ],
  options: {
    ...SOURCE_OPTIONS,
    title: { type: 'string', value: '<title>', help: 'The title. Default: promark.' },
    uid: { type: 'string', value: '<uid>', help: 'The identifier in URLs. Default: derived from the title.' },
    out: { type: 'string', short: 'o', value: '<file>', help: 'Write to this file instead of the standard output.' },
    json: { type: 'boolean', help: 'Accepted as by other commands; the output is always JSON.' },
  },
  async run(context) {
    const { values, stdout, stderr } = context;
    const { manifest } = await loadSource(onlySource(context), context);
    if (manifest.length === 0) {
      stderr.write('promark: there are no families to show.\n');
      return EXIT.found;
    }
    const title = stringOption(values, 'title') ?? 'promark';
    const json = `${JSON.stringify(dashboardOf(manifest, { title, uid: stringOption(values, 'uid') }), undefined, 2)}\n`;
    const out = stringOption(values, 'out');
    if (out === undefined) stdout.write(json);
    else await writeTo(out, json);
    return EXIT.ok;
  },
};
