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
    ['an auth without a secret', { auth: { bearer: '' } }, "the option auth has to be { bearer: 'a token' }"],
    ['an auth of two kinds', { auth: { bearer: 'a', basic: {} } }, 'the option auth has to be'],
    ['a colon in a name', { auth: { basic: { username: 'a:b', password: 'c' } } }, 'with no colon in the name'],
    ['a guard that guards nothing', { guards: [{}] }, 'the option guards has to be an array of guards'],
    ['a prefix that is no text', { prefix: 1 }, "the option prefix has to be the beginning of a name, such as 'shop_'"],
    ['a server by name', { server: 'x' }, 'the option server has to be a port or an object'],
    ['a gateway without url', { pushgateway: { jobName: 'a' } }, 'the option pushgateway has to be an object such as'],
    ['auth of a server', { server: 0, auth: () => true }, 'let the server listen where only scrapers can reach it'],
    ['guards without an endpoint', { controller: false, guards: [] }, 'so guards has no meaning'],
    ['guards of what stands outside', { outside: true, guards: [] }, 'protect the endpoint by `auth`'],
    ['default labels in a list', { defaultLabels: ['a'] }, 'the option defaultLabels has to be an object such as'],
    ['a path without an endpoint', { controller: false, path: '/m' }, 'so path has no meaning'],
    ['what is no object', '/metrics', "options have to be an object, not '/metrics'"],
    ['null', null, 'options have to be an object, not null'],
  ])('%s', (_, options, message) => {
    expect(forRoot(options)).toThrow(ConfigError);
    expect(forRoot(options)).toThrow(message);
  });

  test('a wrong secret without showing it', () => {
    expect(forRoot({ auth: { token: 'hunter2' } })).not.toThrow('hunter2');
    expect(forRoot({ pushgateway: { uri: 'hunter2' } })).not.toThrow('hunter2');
  });

  test('nothing of what is right, undefined included', () => {
    const options = { registry: new Registry(), path: undefined, defaultMetrics: {}, controller: undefined };
    expect(forRoot(options)).not.toThrow();
    expect(forRoot(undefined)).not.toThrow();
  });
});
