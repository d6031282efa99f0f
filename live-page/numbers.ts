const SI: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];
const IEC: readonly (readonly [number, string])[] = [
  [2 ** 40, 'Ti'],
  [2 ** 30, 'Gi'],
  [2 ** 20, 'Mi'],
  [2 ** 10, 'Ki'],
];

/** Formats a number in its unit for people: `12.3 ms`, `1.4 MiB`, `3.2k`. */
export function formatValue(value: number, unit = ''): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (unit === 'seconds') return seconds(value);
  if (unit === 'bytes') return `${scaled(value, IEC)}B`;
  if (unit === 'ratio') return `${rounded(value * 100)} %`;
  return scaled(value, SI).trimEnd();
}

function seconds(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0 s';
  if (size < 1e-6) return `${rounded(value * 1e9)} ns`;
  if (size < 1e-3) return `${rounded(value * 1e6)} µs`;
  if (size < 1) return `${rounded(value * 1e3)} ms`;
  if (size < 120) return `${rounded(value)} s`;
  if (size < 7200) return `${rounded(value / 60)} min`;
  if (size < 172_800) return `${rounded(value / 3600)} h`;
  return `${scaled(value / 86_400, SI)}d`;
}

/** Whether a number of seconds is a timestamp of this century rather than a duration. */
export function isTimestamp(value: number): boolean {
  return value > 1e9 && value < 4e9;
}

/** Formats a timestamp, in UTC. */
export function formatTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function scaled(value: number, steps: readonly (readonly [number, string])[]): string {
  if (Math.abs(value) >= steps[0][0] * 1000) return `${value.toExponential(2).replace(/\.?0*e\+?/, 'e')} `;
  const [size, prefix] = steps.find(([minimum]) => Math.abs(value) >= minimum) ?? [1, ''];
  return `${rounded(value / size)} ${prefix}`;
}

/** Rounds to three significant digits. */
function rounded(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return String(Number(value.toPrecision(3)));
}

/** The unit of a family: declared, or the one that its name ends in. */
export function unitOf(name: string, unit: string): string {
  if (unit !== '') return unit;
  return /_(seconds|bytes|ratio)(?:_total)?$/.exec(name)?.[1] ?? '';
}

/** Formats a number of seconds by its two largest units. */
export function formatDuration(total: number): string {
  const [days, hours, minutes] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${Math.floor(total % 60)} s` : `${Math.floor(total)} s`;
}

/** Shortens a long name in the middle, because similar names usually differ at the end. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = Math.floor(length / 2);
  return `${text.slice(0, length - end - 1)}…${text.slice(text.length - end)}`;
}
