import { describe, expect, test } from '@jest/globals';
import { ConfigError, Registry } from 'promark';
import { PrometheusModule } from 'promark/nest';

const forRoot = (options: unknown) => () => PrometheusModule.forRoot(options as object);

describe('PrometheusModule.forRoot refuses', () => {
  test.each([
    ['an unknown option', { pth: '/metrics' }, 'there is no option "pth". The options are registry, path, '],
    ['a registry that is none', { registry: {} }, 'the option registry has to be a Registry of promark, not {}'],
    ['a path with a wildcard', { path: '/*' }, "the option path has to be a path such as '/metrics', not '/*'"],
    ['an empty path', { path: '' }, "the option path has to be a path such as '/metrics', not ''"],
    [
      'a controller that is no class',
      { controller: true },
      'the option controller has to be false or a class, not true',
    ],
    ['default metrics by name', { defaultMetrics: 'gc' }, 'the option defaultMetrics has to be true, false or options'],
    ['default labels in a list', { defaultLabels: ['a'] }, 'the option defaultLabels has to be an object such as'],
    ['a path without an endpoint', { controller: false, path: '/m' }, 'so path has no meaning'],
    ['what is no object', '/metrics', "options have to be an object, not '/metrics'"],
    ['null', null, 'options have to be an object, not null'],
  ])('%s', (_, options, message) => {
    expect(forRoot(options)).toThrow(ConfigError);
    expect(forRoot(options)).toThrow(message);
  });

  test('nothing of what is right, undefined included', () => {
    const options = { registry: new Registry(), path: undefined, defaultMetrics: {}, controller: undefined };
    expect(forRoot(options)).not.toThrow();
    expect(forRoot(undefined)).not.toThrow();
  });
});
