/** A summary as a Markdown table: it reads the same on a terminal and in the documentation. */
export function table(summary) {
  const rows = summary.map((verdict) => {
    const { work, unit, promark, met } = verdict;
    const mark = met === undefined ? '' : met ? 'met' : 'MISSED';
    return [verdict.case, work, `${number(promark)} ${unit}`, comparison(verdict), target(verdict), mark];
  });
  return markdown(['case', 'work', 'promark', 'beside', 'target', ''], rows, '>');
}

/** Lines up cells. A `>` in `sides` sets the third column, which holds numbers, to the right. */
export function markdown(heads, rows, numbersFrom = '') {
  const marks = heads.map((_, column) => (column === 2 && numbersFrom === '>' ? '---:' : '---'));
  const all = [heads, marks, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`).join('\n');
}

function comparison({ against, ratios, direction, limit, unit }) {
  if (against === 'itself') return '';
  return Object.entries(ratios)
    .map(([name, value]) => {
      const beside = name === 'limit' ? (limit ?? 'the bare loop') : (names[name] ?? name);
      if (against === 'over') return `${value < 0 ? '-' : '+'} ${number(Math.abs(value))} ${unit} to ${beside}`;
      if (against === 'own') return `${number(value)} × its ${name}`;
      return `${number(value)} × ${against === 'peers' && direction === 'atLeast' ? 'as fast as ' : ''}${beside}`;
    })
    .join(', ');
}

const names = { '@prometheus-io/client': '@prometheus-io' };

function target({ target, direction, against, unit }) {
  if (target === undefined) return '';
  return `${direction === 'atLeast' ? '≥' : '≤'} ${target} ${against === 'itself' || against === 'over' ? unit : '×'}`;
}

export function number(value) {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}
