import { median } from './loop.mjs';
import { number } from './table.mjs';

/** The Node line shown in charts: the one with the most users. */
export const CHART_LINE = '24';

const COLORS = {
  promark: '#2563eb',
  '@prometheus-io/client': '#f59e0b',
  'prom-client': '#9ca3af',
  '@opentelemetry/sdk-metrics': '#a855f7',
  limit: '#10b981',
};
const NAMES = { limit: 'least program' };
const [LABEL, WIDTH, BAR, GAP, HEAD] = [300, 430, 9, 10, 52];

/**
 * Returns an SVG with a bar for each contender and number, on a logarithmic scale: shorter is better. Returns undefined
 * if there is nothing to compare with on this Node line.
 */
export function chart(title, measured) {
  const items = measured.flatMap(({ benchCase, lines }) => itemsOf(benchCase, lines[CHART_LINE]));
  if (items.length === 0) return undefined;
  const all = items.flatMap(({ bars }) => bars.map(({ value }) => value)).filter((value) => value > 0);
  const min = Math.log10(Math.min(...all)) - 0.3;
  const max = Math.log10(Math.max(...all));
  const lengthOf = (value) => Math.max(1, ((Math.log10(value) - min) / (max - min)) * WIDTH);
  let y = HEAD;
  const body = items.map(({ work, unit, bars }) => {
    const rows = bars.map(({ name, value }, i) => {
      const top = y + i * (BAR + 2);
      const length = lengthOf(value).toFixed(1);
      return (
        `<rect x="${LABEL}" y="${top}" width="${length}" height="${BAR}" rx="1.5" fill="${COLORS[name]}"/>` +
        `<text x="${(LABEL + Number(length) + 5).toFixed(1)}" y="${top + BAR - 1}" class="n">${number(value)} ${unit}</text>`
      );
    });
    const height = bars.length * (BAR + 2);
    const label = `<text x="${LABEL - 10}" y="${y + height / 2 + 3}" class="w">${escapeXml(work)}</text>`;
    y += height + GAP;
    return label + rows.join('');
  });
  const names = Object.keys(COLORS).filter((name) => items.some(({ bars }) => bars.some((bar) => bar.name === name)));
  // Left of the bars, so that all names fit.
  let x = LABEL / 2;
  const legend = names.map((name) => {
    const text = NAMES[name] ?? name;
    const entry =
      `<rect x="${x}" y="28" width="9" height="9" rx="1.5" fill="${COLORS[name]}"/>` +
      `<text x="${x + 14}" y="36" class="n">${escapeXml(text)}</text>`;
    // An SVG cannot measure text; wide fonts take about 7 pixels a character.
    x += 30 + 7 * text.length;
    return entry;
  });
  const size = `viewBox="0 0 ${LABEL + WIDTH + 110} ${y}" width="${LABEL + WIDTH + 110}" height="${y}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">
<title>${escapeXml(title)}, Node ${CHART_LINE}</title>
<style>text{font:11px system-ui,sans-serif;fill:#6b7280}.t{font-weight:600;font-size:13px}.w{text-anchor:end}</style>
<text x="0" y="16" class="t">${escapeXml(title)}, Node ${CHART_LINE} (logarithmic; shorter is better)</text>
${legend.join('\n')}
${body.join('\n')}
</svg>
`;
}

/** The rows of a case that other contenders have too. Those where more is better are omitted: shorter bars are better. */
function itemsOf(benchCase, entry) {
  if (entry === undefined) return [];
  const rows = benchCase.rows.filter((row, i) => benchCase.rows.findIndex(({ value }) => value === row.value) === i);
  return rows
    .filter(({ better }) => better !== 'more')
    .map(({ work, value, unit }) => ({
      work,
      unit,
      bars: Object.keys(COLORS)
        .map((name) => ({ name, value: median(numbersOf(entry, name, value)) }))
        .filter((bar) => bar.value > 0),
    }))
    .filter(({ bars }) => (bars.length > 1 || benchCase.alone) && bars.length > 0 && bars[0].name === 'promark');
}

function numbersOf(entry, name, value) {
  return entry.rounds.map((round) => round[name]?.[value]).filter(Number.isFinite);
}

function escapeXml(text) {
  return text.replaceAll('`', '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
