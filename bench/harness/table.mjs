/** Formats a summary as a Markdown table, which is readable both on a terminal and in the documentation. */
export function table(summary) {
  const rows = summary.map((verdict) => {
    const { work, unit, promark, met } = verdict;
    const result = met === undefined ? '' : met ? 'met' : 'MISSED';
    return [verdict.case, work, `${number(promark)} ${unit}`, comparison(verdict), target(verdict), result];
  });
  return markdown(['case', 'work', 'promark', 'compared with', 'target', ''], rows, { numberColumn: 2 });
}

/** Pads cells to equal widths. The column `numberColumn` is aligned to the right. */
export function markdown(heads, rows, { numberColumn } = {}) {
  const alignments = heads.map((_, column) => (column === numberColumn ? '---:' : '---'));
  const all = [heads, alignments, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`).join('\n');
}

function comparison({ against, ratios, direction, limit, unit }) {
  if (against === 'itself') return '';
  return Object.entries(ratios)
    .map(([name, value]) => {
      const other = name === 'limit' ? (limit ?? 'the bare loop') : (names[name] ?? name);
      if (against === 'over') return `${value < 0 ? '-' : '+'} ${number(Math.abs(value))} ${unit} to ${other}`;
      if (against === 'own') return `${number(value)} × its ${name}`;
      return `${number(value)} × ${against === 'peers' && direction === 'atLeast' ? 'as fast as ' : ''}${other}`;
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
