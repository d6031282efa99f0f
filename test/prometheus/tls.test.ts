import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Counter, type MetricsServer, Registry, startHttpServer } from 'promark';
import { authority, clientPair, renewedPair, serverPair } from '../exporters/tls/certificates.js';
import { describeWith } from '../support/required-programs.js';
import { type Prometheus, startPrometheus } from './prometheus.js';

const host = '127.0.0.1';
const basic = { username: 'prometheus', password: 'correct horse' };
const tls = { ...serverPair, ca: authority };

describeWith(['prometheus'], 'Prometheus scrapes servers with TLS in their own threads', () => {
  let folder: string;
  let servers: MetricsServer[] = [];
  let prometheus: Prometheus;

  /** Prometheus' `tls_config`, which requires files. */
  async function tlsConfig(): Promise<{ ca_file: string; cert_file: string; key_file: string }> {
    folder = await mkdtemp(join(tmpdir(), 'promark-tls-'));
    const files = { ca_file: authority, cert_file: clientPair.cert, key_file: clientPair.key };
    const paths = Object.entries(files).map(async ([name, text]) => {
      const path = join(folder, `${name}.pem`);
      await writeFile(path, text);
      return [name, path] as const;
    });
    return Object.fromEntries(await Promise.all(paths)) as typeof files;
  }

  beforeAll(async () => {
    const registry = new Registry();
    new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(3);
    const [byToken, byName] = await Promise.all([
      startHttpServer({ port: 0, host, registry, tls, auth: { bearer: 'the-token' } }),
      startHttpServer({ port: 0, host, registry, tls: serverPair, auth: { basic } }),
    ]);
    servers = [byToken, byName];
    const mutual = await tlsConfig();
    const { ca_file } = mutual;
    const authorization = { credentials: 'the-token' };
    prometheus = await startPrometheus({
      token: { url: byToken.url, config: { tls_config: mutual, authorization } },
      name: { url: byName.url, config: { tls_config: { ca_file }, basic_auth: basic } },
      'no certificate': { url: byToken.url, config: { tls_config: { ca_file }, authorization } },
      'no token': { url: byToken.url, config: { tls_config: mutual } },
      'wrong password': {
        url: byName.url,
        config: { tls_config: { ca_file }, basic_auth: { ...basic, password: 'a' } },
      },
    });
  });

  afterAll(async () => {
    await prometheus?.stop();
    await Promise.all(servers.map((server) => server.close()));
    await rm(folder, { recursive: true, force: true });
  });

  test.each(['token', 'name'])('with the credentials of the job %s', async (job) => {
    await prometheus.api.untilScraped(job);
    expect(await prometheus.api.value(`up{job="${job}"}`)).toBe(1);
    expect(await prometheus.api.value(`orders_total{job="${job}"}`)).toBe(3);
  });

  test.each([
    ['no certificate', /tls: certificate required|bad certificate/],
    ['no token', /HTTP status 401/],
    ['wrong password', /HTTP status 401/],
  ])('not with %s', async (job, error) => {
    await prometheus.api.untilValue(`up{job="${job}"}`, (up) => up === 0);
    expect(await prometheus.api.targetErrors()).toMatch(error);
  });

  test('and continues when a certificate is renewed', async () => {
    await prometheus.api.untilScraped('token');
    await servers[0].setTls({ ...renewedPair, ca: authority });
    await prometheus.api.untilScraped('token', Date.now());
  });
});
