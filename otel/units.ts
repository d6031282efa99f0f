/** Prometheus' recommended units in UCUM, which OpenTelemetry uses. */
const UCUM: ReadonlyMap<string, string> = new Map([
  ['seconds', 's'],
  ['milliseconds', 'ms'],
  ['microseconds', 'us'],
  ['nanoseconds', 'ns'],
  ['minutes', 'min'],
  ['hours', 'h'],
  ['days', 'd'],
  ['bytes', 'By'],
  ['kibibytes', 'KiBy'],
  ['mebibytes', 'MiBy'],
  ['gibibytes', 'GiBy'],
  ['kilobytes', 'kBy'],
  ['megabytes', 'MBy'],
  ['gigabytes', 'GBy'],
  ['bits', 'bit'],
  ['meters', 'm'],
  ['grams', 'g'],
  ['volts', 'V'],
  ['amperes', 'A'],
  ['joules', 'J'],
  ['watts', 'W'],
  ['hertz', 'Hz'],
  ['celsius', 'Cel'],
  ['ratio', '1'],
  ['percent', '%'],
]);

/**
 * Returns a family's unit in UCUM: its own unit or, without one, the unit that its name ends in; empty if there is
 * none.
 */
export function ucumUnit(name: string, unit: string): string {
  if (unit !== '') return UCUM.get(unit) ?? unit;
  const last =
    name
      .replace(/_total$/, '')
      .split('_')
      .at(-1) ?? '';
  return name.includes('_') ? (UCUM.get(last) ?? '') : '';
}
