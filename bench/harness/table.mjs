/** The verdicts as a Markdown table: it reads the same on a terminal and in the documentation. */
export function table(verdicts) {
  const rows = [
    ['case', 'work', 'promark', 'ratio', 'target', ''],
    ['---', '---', '---:', '---', '---', '---'],
  ];
  for (const verdict of verdicts) {
    const { work, unit, promark, met } = verdict;
    const mark = met === undefined ? '' : met ? 'met' : 'MISSED';
    rows.push([verdict.case, work, `${number(promark)} ${unit}`, ratio(verdict), target(verdict), mark]);
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`).join('\n');
}

function ratio({ against, ratios, direction }) {
  if (against === 'itself') return '';
  const sign = direction === 'atLeast' && against === 'peers' ? ' × as fast as' : ' ×';
  return Object.entries(ratios)
    .map(([name, value]) => `${number(value)}${sign} ${names[name] ?? `its ${name}`}`)
    .join(', ');
}

const names = { '@prometheus-io/client': '@prometheus-io', 'prom-client': 'prom-client', limit: 'bare loop' };

function target({ target, direction, against, unit }) {
  if (target === undefined) return '';
  return `${direction === 'atLeast' ? '≥' : '≤'} ${target}${against === 'itself' ? ` ${unit}` : ' ×'}`;
}

function number(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
