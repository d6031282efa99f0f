import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Gauge, PromarkError, Registry, type ServerTls } from 'promark';
import { ask, deferred, read } from '../../support/http-client.js';
import { closeAll, start } from '../servers.js';
import { authority, clientPair, otherAuthority, renewedPair, serverPair, strangerPair } from './certificates.js';
import { openSecurely } from './clients.js';

afterEach(closeAll);

const ca = authority;
const GET = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';
const numberOf = ({ cert }: { cert: string }) => new X509Certificate(cert).serialNumber;

/** Which certificate a server shows. */
async function shownAt(port: number): Promise<string> {
  const client = await openSecurely(port);
  const { serialNumber } = client.getPeerCertificate();
  client.destroy();
  return serialNumber;
}

describe.each([true, false])('setTls with thread: %s', (thread) => {
  const startWith = (tls?: ServerTls) => start({ registry: new Registry(), thread, tls });

  test('shows another certificate to new clients, again and again', async () => {
    const server = await startWith(serverPair);
    expect(await shownAt(server.port)).toBe(numberOf(serverPair));
    for (const pair of [renewedPair, serverPair, renewedPair]) {
      await server.setTls(pair);
      expect(await shownAt(server.port)).toBe(numberOf(pair));
      expect((await ask(server.url, { ca })).status).toBe(200);
    }
  });

  test('ends idle connections', async () => {
    const server = await startWith(serverPair);
    const kept = await openSecurely(server.port);
    kept.write(GET);
    await once(kept, 'data');
    const ended = read(kept).catch(() => {});
    await server.setTls(renewedPair);
    await ended;
  });

  test('admits only clients of the new authority', async () => {
    const server = await startWith({ ...serverPair, ca: authority });
    expect((await ask(server.url, { ca, ...clientPair })).status).toBe(200);
    await server.setTls({ ...renewedPair, ca: otherAuthority });
    expect((await ask(server.url, { ca, ...strangerPair })).status).toBe(200);
    await expect(ask(server.url, { ca, ...clientPair })).rejects.toThrow();
  });

  test('verifies clients again that resume a session', async () => {
    const server = await startWith({ ...serverPair, ca: authority });
    const first = await openSecurely(server.port, clientPair);
    const [session] = await once(first.resume(), 'session');
    const back = await openSecurely(server.port, { ...clientPair, session });
    expect(back.isSessionReused()).toBe(true);
    await server.setTls({ ...renewedPair, ca: otherAuthority });
    const late = await openSecurely(server.port, { ...clientPair, session });
    expect(late.isSessionReused()).toBe(false);
    late.write(GET);
    expect(await read(late).catch(() => 'refused')).not.toContain('200 OK');
    for (const client of [first, back]) client.destroy();
  });

  test.each<[string, unknown, string]>([
    [
      'the key of another certificate',
      { ...renewedPair, key: serverPair.key },
      'Options tls.cert and tls.key do not match',
    ],
    ['undefined', undefined, 'Option tls must be an object such as { cert, key }, got a value of type undefined.'],
    ['a certificate without ca', renewedPair, 'This metrics server was started with tls.ca, which is missing now.'],
  ])('refuses %s, and keeps the old one', async (_, tls, message) => {
    const server = await startWith({ ...serverPair, ca: authority });
    const setting = server.setTls(tls as ServerTls);
    await expect(setting).rejects.toMatchObject({ name: 'ConfigError', message: expect.stringContaining(message) });
    expect(await shownAt(server.port)).toBe(numberOf(serverPair));
    expect((await ask(server.url, { ca, ...clientPair })).status).toBe(200);
  });

  test('cannot add TLS or client certificates to a server that was started without them', async () => {
    const [plain, encrypted] = [await startWith(), await startWith(serverPair)];
    await expect(plain.setTls(serverPair)).rejects.toThrow('This metrics server was started without tls and speaks');
    const asking = encrypted.setTls({ ...serverPair, ca: authority });
    await expect(asking).rejects.toThrow(
      'This metrics server was started without tls.ca and cannot start requesting client certificates',
    );
    expect((await ask(encrypted.url, { ca })).status).toBe(200);
  });

  test('is refused by a closed server', async () => {
    const server = await startWith(serverPair);
    const closed = server.close();
    await expect(server.setTls(renewedPair)).rejects.toThrow('The metrics server is closed.');
    await closed;
    await expect(server.setTls(renewedPair)).rejects.toBeInstanceOf(PromarkError);
  });
});

test('setTls lets a running scrape finish, and then ends its connection', async () => {
  const registry = new Registry();
  const [began, gate] = [deferred(), deferred()];
  const collect = () => {
    began.resolve();
    return gate.promise;
  };
  new Gauge({ name: 'slow', help: 'S', collect, registers: [registry] });
  const server = await start({ registry, tls: serverPair });
  const client = await openSecurely(server.port);
  client.write(GET);
  await began.promise;
  await server.setTls(renewedPair);
  gate.resolve();
  expect(await read(client)).toMatch(/\nslow 0\n$/);
});
