// Writes the tables and charts of docs/performance.md from bench/results/matrix.json: `npm run bench -- --document`.
import { readFile, writeFile } from 'node:fs/promises';
import { loadGroup } from './groups.mjs';
import { CHART_LINE, chart } from './harness/chart.mjs';
import { readResults, resultsFile } from './harness/results.mjs';
import { markdown, number } from './harness/table.mjs';
import { verdict } from './harness/verdict.mjs';
import { TOPICS } from './topics.mjs';

const PAGE = new URL('../docs/performance.md', import.meta.url);
const IMAGES = new URL('../docs/images/', import.meta.url);
const [BEGIN, END] = ['<!-- made by npm run bench -- --document -->', '<!-- end -->'];
const PEERS = { '@prometheus-io/client': 'pio', 'prom-client': 'pc', '@opentelemetry/sdk-metrics': 'otel' };

const { machine, cases: results } = await readResults(resultsFile('matrix'));
const groups = new Map();
const parts = [];
for (const { title, file, cases } of TOPICS) {
  const measured = [];
  for (const name of cases) {
    const [group, own] = name.split(' ');
    if (!groups.has(group)) groups.set(group, await loadGroup(group));
    const benchCase = groups.get(group).cases.find((candidate) => candidate.name === own);
    if (benchCase === undefined) throw new Error(`bench: ${group} has no case called ${own}`);
    if (results[name] !== undefined) measured.push({ benchCase, lines: results[name] });
  }
  if (measured.length === 0) continue;
  const image = chart(title, measured);
  if (image !== undefined) await writeFile(new URL(`performance-${file}.svg`, IMAGES), image);
  const alt = `${title} on Node ${CHART_LINE}: promark, its peers and the least program`;
  parts.push(`### ${title}`, '', ...(image === undefined ? [] : [`![${alt}](images/performance-${file}.svg)`, '']));
  parts.push(tableOf(measured), '');
}

const page = await readFile(PAGE, 'utf8');
const [before, rest] = page.split(BEGIN);
const [, after] = rest.split(END);
await writeFile(PAGE, `${before}${BEGIN}\n\n${about()}\n\n${parts.join('\n')}\n${END}${after}`);

function tableOf(measured) {
  const rows = measured.flatMap(({ benchCase, lines }) =>
    benchCase.rows.flatMap((row) => {
      const cells = LINES().map((line) => cellOf(benchCase, row, lines[line], line));
      return cells.every(({ text }) => text === '–') ? [] : [rowOf(row, cells)];
    }),
  );
  return markdown(['work', 'target', ...LINES().map((line) => `Node ${line}`)], rows);
}

function LINES() {
  return [...new Set(Object.values(results).flatMap(Object.keys))].sort();
}

function rowOf(row, cells) {
  const targets = [...new Set(cells.map(({ target }) => target).filter(Boolean))];
  return [row.work, targets.join(', '), ...cells.map(({ text }) => text)];
}

/** One row for one Node line: promark's number, and the ratios with the lowest and highest of the runs. */
function cellOf(benchCase, row, entry, line) {
  const rounds = entry?.rounds.map((round) => ({ [benchCase.name]: round }));
  const found = rounds && verdict(benchCase, row, rounds, `v${line}.0.0`);
  if (found === undefined) return { text: '–' };
  const { promark, unit, ratios, ranges, met, against, direction } = found;
  const sign = against === 'over' ? '+ ' : '';
  const kinds = Object.keys(ratios)
    .filter(() => against !== 'itself')
    .map((name) => {
      const [low, high] = ranges[name];
      const whom = PEERS[name] ?? (name === 'value' ? '' : against === 'own' ? `its ${name}` : name);
      return `${sign}${number(ratios[name])}${against === 'over' ? ` ${unit}` : ' ×'} ${whom} (${number(low)}–${number(high)})`;
    });
  const [low, high] = ranges.value ?? [];
  const value =
    against === 'itself' ? `${number(promark)} ${unit} (${number(low)}–${number(high)})` : `${number(promark)} ${unit}`;
  const mark = met === undefined ? '' : met ? '✓ ' : '**missed** ';
  const target =
    found.target === undefined
      ? ''
      : `${direction === 'atLeast' ? '≥' : '≤'} ${found.target} ${against === 'itself' || against === 'over' ? unit : '×'}`;
  return { text: `${mark}${[value, ...kinds].join('; ')}`, target };
}

function about() {
  const entries = Object.values(results).flatMap((lines) => Object.values(lines));
  const loads = entries.flatMap(({ load }) => [load.before, load.after]).filter(Number.isFinite);
  const days = [...new Set(entries.map(({ measuredAt }) => measuredAt.slice(0, 10)))].sort();
  const { versions } = machine;
  return (
    `Measured ${days.join(', ')} on ${machine.cores} cores (${machine.cpu}, ${machine.system}) at a load of ` +
    `${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}. *pio* is \`@prometheus-io/client\` ` +
    `${versions['@prometheus-io/client']}, *pc* is \`prom-client\` ${versions['prom-client']}, *otel* is ` +
    `\`@opentelemetry/sdk-metrics\` ${versions['@opentelemetry/sdk-metrics']}; their ratios say how many ` +
    'times as fast promark is. *limit* is the least program that does the same work, and its ratio says how many times as ' +
    'long promark takes. In brackets: the lowest and the highest of three runs, each in fresh processes. Where they are ' +
    'the same, it was a single run.'
  );
}
