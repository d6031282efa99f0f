/** The units that Prometheus recommends, as UCUM writes them, which OpenTelemetry goes by. */
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
 * A family's unit in OpenTelemetry: the unit that it was given or, where it was given none, the one that its name ends
 * in; empty where that is none.
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
