import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, open } from '../../support/http-client.js';
import { valuesByName } from '../../support/page.js';
import { buildPrograms } from '../programs.js';
import { authority, clientPair } from './certificates.js';
import { openSecurely } from './clients.js';

let programs: Awaited<ReturnType<typeof buildPrograms>>;

beforeAll(async () => {
  const files = ['secure-blocked.program.ts', 'secure-job.program.ts', 'renewing.program.ts'];
  programs = await buildPrograms(...files.map((file) => `test/exporters/tls/${file}`));
});

afterAll(() => programs?.remove());

describe('a process with a metrics server that has TLS', () => {
  test('shakes hands, checks credentials and answers while its main thread is blocked', async () => {
    const { process, url } = await programs.start('secure-blocked.program.ts');
    const client = { ca: authority, ...clientPair };
    try {
      await expect(ask(url, { ca: authority })).rejects.toThrow();
      expect((await ask(url, client)).status).toBe(401);
      const page = await ask(url, { ...client, headers: { authorization: 'Bearer token' } });
      const values = valuesByName(page.body.toString());
      expect(values.get('promark_main_thread_responsive')).toBe(0);
      expect(values.get('turns_total')).toBeGreaterThan(0);
    } finally {
      process.kill('SIGKILL');
    }
  });

  test('lives until a certificate is renewed whose thread is being started again', async () => {
    const { ended, printed } = await programs.start('renewing.program.ts');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(printed()).toContain('renewed, 2 threads');
  });

  test.each(['yes', 'no'])(
    'ends when its work is done, even with clients still connected; own thread: %s',
    async (thread) => {
      const { url, ended, process } = await programs.start('secure-job.program.ts', { THREAD: thread });
      const port = Number(new URL(url).port);
      const [silent, half, kept] = [await open(port), await open(port), await openSecurely(port)];
      half.write('\x16\x03\x01\x02\x00\x01\x00');
      kept.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(kept, 'data');
      process.kill('SIGTERM');
      expect(await ended).toEqual({ code: 0, signal: null });
      for (const socket of [silent, half, kept]) socket.destroy();
    },
  );
});
