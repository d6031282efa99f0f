import { once } from 'node:events';
import { connect, type SecureVersion } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Counter, Registry, type ServerTls } from 'promark';
import { ask } from '../../support/http-client.js';
import { closeAll, start } from '../servers.js';
import {
  authority,
  clientPair,
  encryptedKey,
  otherAuthority,
  renewedPair,
  serverPair,
  strangerPair,
} from './certificates.js';

afterEach(closeAll);

const registry = new Registry();
new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc(2);

/** What every client here trusts. */
const ca = authority;

describe.each([true, false])('a server with TLS and thread: %s', (thread) => {
  const startWith = (tls: ServerTls) => start({ registry, thread, tls });

  test('serves the page at its url to clients that trust its authority', async () => {
    const server = await startWith(serverPair);
    expect(server.url).toBe(`https://127.0.0.1:${server.port}/metrics`);
    const { status, body } = await ask(server.url, { ca });
    expect(status).toBe(200);
    expect(body.toString()).toContain('\na_total 2\n');
    expect((await ask(new URL('/', server.url).href, { ca })).body.toString()).toContain("<a href='/metrics'>");
    await expect(ask(server.url)).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    await expect(ask(server.url.replace('https:', 'http:'))).rejects.toThrow();
  });

  test('takes certificates as buffers, and encrypted keys', async () => {
    const { url } = await startWith({
      cert: Buffer.from(serverPair.cert),
      key: Buffer.from(encryptedKey),
      passphrase: 'open-sesame',
      ca: new TextEncoder().encode(`${otherAuthority}\n# the other\n${authority}`),
    });
    for (const pair of [clientPair, strangerPair]) expect((await ask(url, { ca, ...pair })).status).toBe(200);
  });

  test('with `ca` admits only clients with a certificate signed by it', async () => {
    const { url } = await startWith({ ...serverPair, ca: authority });
    expect((await ask(url, { ca, ...clientPair })).status).toBe(200);
    for (const stranger of [{}, strangerPair]) await expect(ask(url, { ca, ...stranger })).rejects.toThrow();
    // This certificate is not for clients.
    await expect(ask(url, { ca, ...renewedPair })).rejects.toThrow();
    expect((await ask(url, { ca, ...clientPair })).status).toBe(200);
  });

  test('requires both certificate and token when both are configured', async () => {
    const { url } = await start({
      registry,
      thread,
      tls: { ...serverPair, ca: authority },
      auth: { bearer: 'token' },
    });
    const headers = { authorization: 'Bearer token' };
    expect((await ask(url, { ca, ...clientPair, headers })).status).toBe(200);
    expect((await ask(url, { ca, ...clientPair })).status).toBe(401);
    await expect(ask(url, { ca, headers })).rejects.toThrow();
  });

  test.each<[ServerTls['minVersion'], SecureVersion, boolean]>([
    [undefined, 'TLSv1.1', false],
    [undefined, 'TLSv1.2', true],
    ['TLSv1.3', 'TLSv1.2', false],
    ['TLSv1.3', 'TLSv1.3', true],
  ])('with minVersion %s: a client with %s is admitted: %s', async (minVersion, version, getsIn) => {
    const { port } = await startWith({ ...serverPair, minVersion });
    // The lowest security level; otherwise the client itself would refuse old versions.
    const options = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
    const client = connect({ port, host: '127.0.0.1', servername: 'localhost', ca, ...options });
    try {
      if (getsIn) await once(client, 'secureConnect');
      else await expect(once(client, 'secureConnect')).rejects.toThrow(/alert protocol version/);
    } finally {
      client.destroy();
    }
  });

  test.each<[string, unknown, string]>([
    ['not an object', 'server.pem', 'Option tls must be an object such as { cert, key }, got a value of type string.'],
    ['a misspelled option', { ...serverPair, cacert: authority }, 'tls: unknown option "cacert"'],
    [
      'no certificate',
      { key: serverPair.key },
      'tls: option cert is missing. It must be a PEM string or a Buffer with one.',
    ],
    ['no key', { cert: serverPair.cert }, 'tls: option key is missing. It must be a PEM string or a Buffer with one.'],
    [
      'a number as the key',
      { ...serverPair, key: 8000 },
      'tls: option key must be a PEM string or a Buffer with one, got',
    ],
    [
      'a path',
      { ...serverPair, cert: 'server.crt' },
      'Option tls.cert is not a usable certificate in PEM form. Pass the',
    ],
    ['an invalid key', { ...serverPair, key: authority }, 'Option tls.key is not a usable private key in PEM form.'],
    ['half a key', { ...serverPair, key: serverPair.key.slice(0, 99) }, 'Option tls.key is not a usable private key'],
    [
      'a key of another certificate',
      { ...serverPair, key: clientPair.key },
      'Options tls.cert and tls.key do not match: the key does not belong to the first certificate.',
    ],
    [
      'an encrypted key without its passphrase',
      { ...serverPair, key: encryptedKey },
      'Option tls.key is encrypted, but tls.passphrase is missing (',
    ],
    [
      'a wrong passphrase',
      { ...serverPair, key: encryptedKey, passphrase: 'hunter2' },
      'Option tls.key is encrypted, but tls.passphrase does not decrypt it (',
    ],
    [
      'a passphrase that is not a string',
      { ...serverPair, passphrase: {} },
      'tls: option passphrase must be a string, got a value of type',
    ],
    ['an invalid authority', { ...serverPair, ca: '' }, 'Option tls.ca is not one or more certificates in PEM'],
    ['half an authority', { ...serverPair, ca: `${authority}\n${authority.slice(0, 99)}` }, 'Option tls.ca is not'],
    [
      'nonsense as the authority',
      { ...serverPair, ca: '-----BEGIN CERTIFICATE-----\nabcd\n-----END CERTIFICATE-----' },
      'Option tls.ca is not',
    ],
    ['an invalid version', { ...serverPair, minVersion: 'TLSv1' }, 'tls: option minVersion must be one of "TLSv1.2"'],
  ])('refuses %s by name, and shows no secret', async (_, tls, message) => {
    const error: unknown = await startWith(tls as ServerTls).catch((reason) => reason);
    expect(error).toMatchObject({ name: 'ConfigError', message: expect.stringContaining(message) });
    // The beginning of either key, after what all keys have in common.
    for (const secret of [serverPair.key, encryptedKey, clientPair.key]) {
      expect(String(error)).not.toContain(secret.split('\n')[1]);
    }
    expect(String(error)).not.toContain('hunter2');
  });
});
