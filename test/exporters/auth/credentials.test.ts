import { describe, expect, test } from '@jest/globals';
import { ConfigError, Credentials, isServerAuth, type ServerAuth } from 'promark';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('Credentials', () => {
  test('accept one of several tokens', () => {
    const credentials = new Credentials({ bearer: ['new-token', 'old token'] });
    expect(credentials.challenge).toBe('Bearer realm="metrics"');
    for (const right of ['Bearer new-token', 'bearer  old token', 'BEARER new-token ']) {
      expect(credentials.admit(right)).toBe(true);
    }
    for (const wrong of [undefined, '', 'Bearer', 'Bearer new', 'new-token', 'Basic new-token', basic('new-token:')]) {
      expect(credentials.admit(wrong)).toBe(false);
    }
  });

  test('accept a user name with its password', () => {
    const credentials = new Credentials({ basic: { username: 'prometheus', password: 'a:b ü' } });
    expect(credentials.challenge).toBe('Basic realm="metrics"');
    expect(credentials.admit(basic('prometheus:a:b ü'))).toBe(true);
    for (const wrong of [undefined, 'Basic', basic('prometheus'), basic('prometheus:a:b'), basic(':a:b ü')]) {
      expect(credentials.admit(wrong)).toBe(false);
    }
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['an empty token', { bearer: '' }],
    ['no tokens', { bearer: [] }],
    ['an empty string among tokens', { bearer: ['hunter2', ''] }],
    ['a token with the line break from its file', { bearer: 'hunter2\n' }],
    ['a token beyond ASCII', { bearer: 'hunter2ü' }],
    ['a token that is not a string', { bearer: Buffer.from('hunter2') }],
    ['two kinds', { bearer: 'hunter2', basic: { username: 'a', password: 'hunter2' } }],
    ['no password', { basic: { username: 'hunter2' } }],
    ['an empty password', { basic: { username: 'hunter2', password: '' } }],
    ['no user name', { basic: { username: '', password: 'hunter2' } }],
    ['a colon in the user name', { basic: { username: 'a:b', password: 'hunter2' } }],
    ['a password with the line break from its file', { basic: { username: 'a', password: 'hunter2\n' } }],
    ['a function', () => true],
    ['a string', 'hunter2'],
  ])('refuse %s, without showing it', (_, auth) => {
    expect(isServerAuth(auth)).toBe(false);
    const making = () => new Credentials(auth as ServerAuth);
    expect(making).toThrow(ConfigError);
    expect(making).toThrow("Option auth must be { bearer: 'a token' }");
    expect(making).not.toThrow('hunter2');
  });

  test.each<[string, unknown, string]>([
    ['an unknown option', { token: 'hunter2' }, 'auth: unknown option "token". Known options: bearer, basic.'],
    ['a slip in the kind', { baerer: 'hunter2' }, 'auth: unknown option "baerer", did you mean "bearer"?'],
    [
      'a slip in the credentials',
      { basic: { usernme: 'a', password: 'hunter2' } },
      'auth.basic: unknown option "usernme", did you mean "username"?',
    ],
  ])('name %s, without showing its value', (_, auth, message) => {
    expect(isServerAuth(auth)).toBe(false);
    const making = () => new Credentials(auth as ServerAuth);
    expect(making).toThrow(ConfigError);
    expect(making).toThrow(message);
    expect(making).not.toThrow('hunter2');
  });
});
