import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../lib/index.js';
import { checkOptions, rule, warnOfUnknownOptions } from '../../lib/model/options.js';

interface PumpOptions {
  readonly maxScrapes?: number;
  readonly sendTimeoutMs?: number;
  readonly tls?: object;
  readonly token?: string;
  readonly mode?: 'slow' | 'fast';
}

const rules = {
  maxScrapes: rule.wholeNumber(1),
  sendTimeoutMs: rule.milliseconds,
  tls: rule.object,
  token: { ...rule.string, secret: true },
  mode: rule.oneOf('slow', 'fast'),
};

const check = (options: unknown, hints?: Record<string, string>) => () =>
  checkOptions<PumpOptions>('startPump', options, rules, hints);

const known = 'Known options: maxScrapes, sendTimeoutMs, tls, token, mode.';

describe('checkOptions', () => {
  test.each([
    [{}],
    [{ maxScrapes: 1, sendTimeoutMs: 0x7fffffff, tls: {}, token: '', mode: 'fast' }],
    [{ maxScrapes: undefined }],
    [Object.create({ inherited: true })],
  ])('accepts %p', (options) => {
    expect(check(options)).not.toThrow();
  });

  test.each([
    ['a missing letter', 'maxScrape', 'maxScrapes'],
    ['different case', 'maxscrapes', 'maxScrapes'],
    ['swapped letters', 'tsl', 'tls'],
    ['wrong letters', 'sentTimeoutMS', 'sendTimeoutMs'],
    ['the end of a name', 'timeoutMs', 'sendTimeoutMs'],
    ['the beginning of a name', 'sendTimeout', 'sendTimeoutMs'],
  ])('suggests the intended option for %s', (_what, given, meant) => {
    expect(check({ [given]: 1 })).toThrow(
      new ConfigError(`startPump: unknown option "${given}", did you mean "${meant}"? ${known}`),
    );
  });

  test.each(['x', 'url', 'colour', '__proto', 'toString'])('suggests nothing for %s', (given) => {
    expect(check({ [given]: 1 })).toThrow(new ConfigError(`startPump: unknown option "${given}". ${known}`));
  });

  test('says why an option is unknown if there is a hint', () => {
    expect(check({ mod: 1 }, { mod: 'Pumps have no mod.' })).toThrow(
      new ConfigError(`startPump: unknown option "mod". Pumps have no mod. ${known}`),
    );
  });

  test.each([
    [{ maxScrapes: 0 }, 'option maxScrapes must be a whole number of 1 or more, got 0.'],
    [{ maxScrapes: 1.5 }, 'option maxScrapes must be a whole number of 1 or more, got 1.5.'],
    [{ maxScrapes: '1' }, 'option maxScrapes must be a whole number of 1 or more, got "1".'],
    [{ sendTimeoutMs: 2 ** 31 }, 'option sendTimeoutMs must be a whole number from 1 to 2147483647, got 2147483648.'],
    [{ tls: [] }, 'option tls must be an object, got [].'],
    [{ tls: null }, 'option tls must be an object, got null.'],
    [{ token: 77 }, 'option token must be a string, got a value of type number.'],
    [{ mode: 'ludicrous' }, 'option mode must be one of "slow", "fast", got "ludicrous".'],
  ])('refuses %p', (options, message) => {
    expect(check(options)).toThrow(new ConfigError(`startPump: ${message}`));
  });

  test.each([[null], [undefined], ['x'], [[]], [() => {}]])('refuses %p instead of an object', (options) => {
    expect(check(options)).toThrow(ConfigError);
    expect(check(options)).toThrow('startPump: options must be an object, got ');
  });
});

test('warnOfUnknownOptions warns and goes on', () => {
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  const names = { name: true, help: true, buckets: true };
  warnOfUnknownOptions('Metric "x"', { name: 'x', help: 5 }, names, warn);
  expect(warnings).toEqual([]);
  warnOfUnknownOptions('Metric "x"', { name: 'x', bukets: [] }, names, warn);
  expect(warnings).toEqual([
    'Metric "x": unknown option "bukets", did you mean "buckets"? Known options: name, help, buckets. It is ignored.',
  ]);
});
