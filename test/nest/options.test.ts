import { describe, expect, test } from '@jest/globals';
import { ConfigError, Registry } from 'promark';
import { MetricsController, PrometheusModule } from 'promark/nest';

const forRoot = (options: unknown) => () => PrometheusModule.forRoot(options as object);

describe('PrometheusModule.forRoot refuses', () => {
  test.each([
    [
      'an unknown option',
      { pth: '/metrics' },
      'unknown option "pth", did you mean "path"? Known options: registry, path, ',
    ],
    ['an invalid registry', { registry: {} }, 'option registry must be a promark Registry, got an object {}'],
    ['a path with a wildcard', { path: '/*' }, 'option path must be a path such as "/metrics", got "/*"'],
    ['an empty path', { path: '' }, 'option path must be a path such as "/metrics", got ""'],
    [
      'an arrow function as the controller',
      { controller: () => 1 },
      'option controller must be false or a class, got a function controller.',
    ],
    [
      'a controller that is not a class',
      { controller: true },
      'option controller must be false or a class, got true (boolean)',
    ],
    ['default metrics by name', { defaultMetrics: 'gc' }, 'option defaultMetrics must be true, false or options'],
    ['an auth without a secret', { auth: { bearer: '' } }, "option auth must be { bearer: 'a token' }"],
    [
      'a misspelt key of auth',
      { auth: { baerer: 'a' } },
      'option auth: unknown option "baerer", did you mean "bearer"?',
    ],
    [
      'a misspelt key of basic auth',
      { auth: { basic: { user: 'ann', password: 'a' } } },
      'option auth.basic: unknown option "user", did you mean "username"?',
    ],
    ['an auth that is neither credentials nor a function', { auth: 5 }, 'or a function of the request.'],
    ['an auth of two kinds', { auth: { bearer: 'a', basic: {} } }, 'option auth must be'],
    [
      'a colon in a user name',
      { auth: { basic: { username: 'a:b', password: 'c' } } },
      'a user name must not contain a colon',
    ],
    ['a guard that guards nothing', { guards: [{}] }, 'option guards must be an array of guards'],
    ['a prefix that is not a string', { prefix: 1 }, 'option prefix must be a prefix of names, such as "shop_"'],
    ['a server by name', { server: 'x' }, 'option server must be a port or an object'],
    ['a gateway without url', { pushgateway: { jobName: 'a' } }, 'option pushgateway must be an object such as'],
    [
      'a function as auth of a server',
      { server: 0, auth: () => true },
      'auth is a function, which the server cannot call',
    ],
    [
      'a function as auth of a server next to a controller',
      { server: 0, auth: () => true, controller: class {} },
      'Use { bearer } or { basic }, or give the server an `auth` of its own.',
    ],
    [
      'auth twice for one server',
      { server: { auth: { bearer: 'a' } }, auth: { bearer: 'b' } },
      'so auth has no effect. Leave it out: the server has an auth of its own.',
    ],
    [
      'auth without anything to protect',
      { controller: false, auth: { bearer: 'a' } },
      'so auth has no effect. Leave it out.',
    ],
    [
      'a misspelled option of the default metrics',
      { defaultMetrics: { colectors: {} } },
      'option defaultMetrics: unknown option "colectors", did you mean "collectors"? Known options: prefix, labels,',
    ],
    [
      'a misspelled option of the server',
      { server: { prt: 1 } },
      'option server: unknown option "prt", did you mean "port"? Known options: page, port, host,',
    ],
    [
      'a path of the server',
      { server: { path: '/m' } },
      'unknown option "path". The path is that of the module. Known options: page, port,',
    ],
    [
      'a registry of the default metrics',
      { defaultMetrics: { register: new Registry() } },
      '. The registry is that of the module.',
    ],
    ['guards without an endpoint', { controller: false, guards: [] }, 'so guards has no effect'],
    ['guards of an endpoint outside', { outside: true, guards: [] }, 'protect the endpoint with `auth`'],
    ['default labels in an array', { defaultLabels: ['a'] }, 'option defaultLabels must be an object such as'],
    ['a path without an endpoint', { controller: false, path: '/m' }, 'so path has no effect'],
    ['something that is not an object', '/metrics', 'options must be an object, got "/metrics"'],
    ['null', null, 'options must be an object, got null'],
  ])('%s', (_, options, message) => {
    expect(forRoot(options)).toThrow(ConfigError);
    expect(forRoot(options)).toThrow(message);
  });

  test('a wrong secret without showing it', () => {
    expect(forRoot({ auth: { token: 'hunter2' } })).not.toThrow('hunter2');
    expect(forRoot({ pushgateway: { uri: 'hunter2' } })).not.toThrow('hunter2');
  });

  test('no auth that a server or an endpoint can use', () => {
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

  test('no valid options, undefined included', () => {
    const options = { registry: new Registry(), path: undefined, defaultMetrics: {}, controller: undefined };
    expect(forRoot(options)).not.toThrow();
    expect(forRoot(undefined)).not.toThrow();
  });
});
