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

/** A number for people, in its unit: `12.3 ms`, `1.4 MiB`, `3.2k`. */
export function shown(value: number, unit = ''): string {
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

/** Whether a number of seconds is a point in time of this century rather than a duration. */
export function isMoment(value: number): boolean {
  return value > 1e9 && value < 4e9;
}

/** A point in time, in UTC. */
export function moment(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function scaled(value: number, steps: readonly (readonly [number, string])[]): string {
  if (Math.abs(value) >= steps[0][0] * 1000) return `${value.toExponential(2).replace(/\.?0*e\+?/, 'e')} `;
  const [size, prefix] = steps.find(([least]) => Math.abs(value) >= least) ?? [1, ''];
  return `${rounded(value / size)} ${prefix}`;
}

/** Three digits that count. */
function rounded(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return String(Number(value.toPrecision(3)));
}

/** The unit of a family: declared, or the end of its name. */
export function unitOf(name: string, unit: string): string {
  if (unit !== '') return unit;
  return /_(seconds|bytes|ratio)(?:_total)?$/.exec(name)?.[1] ?? '';
}

/** How long ago or for how long, roughly. */
export function duration(total: number): string {
  const [days, hours, minutes] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${Math.floor(total % 60)} s` : `${Math.floor(total)} s`;
}

/** Leaves out the middle of what is too long: names that are nearly alike mostly differ at the end. */
export function shortened(text: string, room: number): string {
  if (text.length <= room) return text;
  const end = Math.floor(room / 2);
  return `${text.slice(0, room - end - 1)}…${text.slice(text.length - end)}`;
}
