import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Credentials, PushError, Pushgateway, type PushgatewayOptions, Registry } from 'promark';
import { type FakeGateway, fakeGateway } from './fake-gateway.js';

let fake: FakeGateway | undefined;

afterEach(async () => {
  await fake?.close();
  fake = undefined;
});

const group = { jobName: 'nightly' };

describe('a URL whose credentials are misplaced', () => {
  test.each([
    'http:/user:hunter2@host',
    'http:user:hunter2@host',
    'http:\\\\user:hunter2@host/x@y',
    'HTTPS:/user:hunter2@host:9091/path',
    'http//user:hunter2@host',
    'htp://user:hunter2@host',
    'http://user:12/hunter2@host',
    'http://user:12?hunter2@host',
    'http://user:12#hunter2@host',
    'http://user:hunter2',
    'user:hunter2',
  ])('is refused without them: %s', (url) => {
    let message = '';
    try {
      new Pushgateway(url);
    } catch (error) {
      message = String(error);
    }
    expect(message).toMatch(/^ConfigError: The URL of a Pushgateway must look like/);
    expect(message).not.toContain('hunter2');
  });
});

test.each<[string, PushgatewayOptions]>([
  ['http://user:hunter2@host?token=hunter2', {}],
  ['http://host', { auth: { username: 'user', password: 'hunter2' } }],
  ['http://host', { auth: { token: 'hunter2' }, headers: { 'X-Api-Key': 'hunter2' }, passphrase: 'hunter2' }],
])('inspecting a gateway does not show credentials: %s', (url, options) => {
  const gateway = new Pushgateway(url, options, new Registry());
  for (const value of [gateway, new Credentials({ bearer: 'hunter2' })]) {
    expect(inspect(value, { depth: null, showHidden: true })).not.toContain('hunter2');
    expect(JSON.stringify(value)).not.toContain('hunter2');
  }
});

describe('a proxy that echoes the request', () => {
  test.each<[string, PushgatewayOptions, string]>([
    ['a password', { auth: { username: 'user', password: 'p"ss wörd' } }, ''],
    ['a token', { auth: { token: 's3cret.tok+en/==' } }, ''],
    ['a custom header', { headers: { 'X-Api-Key': 's3cret.key' } }, ''],
    ['a query', {}, '?token=s3cret-query'],
  ])('cannot put secrets into the error: %s', async (_what, options, query) => {
    const secrets = ['p"ss wörd', 's3cret', Buffer.from('user:p"ss wörd').toString('base64')];
    fake = await fakeGateway((response) => {
      const { headers, url = '' } = response.req;
      const [scheme, encoded = ''] = headers.authorization?.split(' ') ?? [''];
      const pair = scheme === 'Basic' ? Buffer.from(encoded, 'base64').toString() : '';
      response.writeHead(403).end(`Refused: ${url} ${JSON.stringify(headers)} ${pair} ${encodeURIComponent(pair)}`);
    });
    const gateway = new Pushgateway(fake.url + query, options, new Registry());
    const error: unknown = await gateway.push(group).catch((reason) => reason);
    expect(error).toBeInstanceOf(PushError);
    const { message, body } = error as PushError;
    expect(message).toContain('push failed with status 403, Refused: ');
    for (const text of [message, body, inspect(error)]) {
      for (const secret of secrets) {
        expect(text).not.toContain(secret);
        expect(text).not.toContain(encodeURIComponent(secret));
      }
    }
  });
});
