import { describe, expect, test } from '@jest/globals';
import { ConfigError, Registry } from 'promark';
import { MetricsController, PrometheusModule } from 'promark/nest';

const forRoot = (options: unknown) => () => PrometheusModule.forRoot(options as object);

describe('PrometheusModule.forRoot refuses', () => {
  test.each([
    ['an unknown option', { pth: '/metrics' }, 'there is no option "pth". The options are registry, path, '],
    ['a registry that is none', { registry: {} }, 'the option registry must be a Registry of promark, not {}'],
    ['a path with a wildcard', { path: '/*' }, "the option path must be a path such as '/metrics', not '/*'"],
    ['an empty path', { path: '' }, "the option path must be a path such as '/metrics', not ''"],
    ['a controller that is no class', { controller: true }, 'the option controller must be false or a class, not true'],
    ['default metrics by name', { defaultMetrics: 'gc' }, 'the option defaultMetrics must be true, false or options'],
    ['an auth without a secret', { auth: { bearer: '' } }, "the option auth must be { bearer: 'a token' }"],
    ['an auth of two kinds', { auth: { bearer: 'a', basic: {} } }, 'the option auth must be'],
    ['a colon in a name', { auth: { basic: { username: 'a:b', password: 'c' } } }, 'with no colon in the name'],
    ['a guard that guards nothing', { guards: [{}] }, 'the option guards must be an array of guards'],
    ['a prefix that is no text', { prefix: 1 }, "the option prefix must be the beginning of a name, such as 'shop_'"],
    ['a server by name', { server: 'x' }, 'the option server must be a port or an object'],
    ['a gateway without url', { pushgateway: { jobName: 'a' } }, 'the option pushgateway must be an object such as'],
    ['a function for a server', { server: 0, auth: () => true }, 'auth is a function, which can judge requests of the'],
    [
      'a function for a server beside a controller',
      { server: 0, auth: () => true, controller: class {} },
      'Use { bearer } or { basic }, or give the server an `auth` of its own.',
    ],
    [
      'auth twice for one server',
      { server: { auth: { bearer: 'a' } }, auth: { bearer: 'b' } },
      'so auth has no meaning. Leave it out: the server has an auth of its own.',
    ],
    ['auth of nothing', { controller: false, auth: { bearer: 'a' } }, 'so auth has no meaning. Leave it out.'],
    [
      'a misspelled option of the default metrics',
      { defaultMetrics: { colectors: {} } },
      'the option defaultMetrics has no "colectors". It has prefix, labels, collectors,',
    ],
    ['a misspelled option of the server', { server: { prt: 1 } }, 'the option server has no "prt". It has port, host,'],
    ['a path of the server', { server: { path: '/m' } }, 'sendTimeoutMs; the path is that of the module.'],
    [
      'a registry of the default metrics',
      { defaultMetrics: { register: new Registry() } },
      '; the registry is that of the module.',
    ],
    ['guards without an endpoint', { controller: false, guards: [] }, 'so guards has no meaning'],
    ['guards of what stands outside', { outside: true, guards: [] }, 'protect the endpoint by `auth`'],
    ['default labels in a list', { defaultLabels: ['a'] }, 'the option defaultLabels must be an object such as'],
    ['a path without an endpoint', { controller: false, path: '/m' }, 'so path has no meaning'],
    ['what is no object', '/metrics', "options must be an object, not '/metrics'"],
    ['null', null, 'options must be an object, not null'],
  ])('%s', (_, options, message) => {
    expect(forRoot(options)).toThrow(ConfigError);
    expect(forRoot(options)).toThrow(message);
  });

  test('a wrong secret without showing it', () => {
    expect(forRoot({ auth: { token: 'hunter2' } })).not.toThrow('hunter2');
    expect(forRoot({ pushgateway: { uri: 'hunter2' } })).not.toThrow('hunter2');
  });

  test('no auth that there is somebody for', () => {
    const auth = { bearer: 'token' };
    const judge = () => true;
    for (const options of [
      { server: 0, auth },
      { server: 0, controller: false, auth },
      { server: { auth } },
      { server: { auth }, auth: judge, controller: class extends MetricsController {} },
    ]) {
      expect(forRoot(options)).not.toThrow();
    }
  });

  test('nothing of what is right, undefined included', () => {
    const options = { registry: new Registry(), path: undefined, defaultMetrics: {}, controller: undefined };
    expect(forRoot(options)).not.toThrow();
    expect(forRoot(undefined)).not.toThrow();
  });
});
