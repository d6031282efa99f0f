import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Counter, type MetricsServer, metricsHandler, Registry, startHttpServer } from 'promark';
import { bundle, repository } from '../support/processes.js';
import { describeWith } from '../support/required-programs.js';
import { listenOnLoopback } from '../support/servers.js';
import { until } from '../support/until.js';
import { run, temporaryFolder } from './running.js';

const files = temporaryFolder();
const registry = new Registry();
const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['queue'], registers: [registry] });
let server: MetricsServer;
let timer: ReturnType<typeof setInterval>;

beforeAll(async () => {
  server = await startHttpServer({ port: 0, host: '127.0.0.1', registry });
  const record = () => jobs.inc({ queue: '\u001b[31mred' });
  record();
  timer = setInterval(record, 20);
});

afterAll(async () => {
  clearInterval(timer);
  await server.close();
  files.remove();
});

test('if the output is not a terminal, each sample is a line without control characters', async () => {
  const { code, stdout } = await run(['watch', server.url, '--count', '2', '--interval', '0.2', '--filter', 'jobs']);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z jobs_total\{queue="red"\} \d+$/);
  expect(lines[1]).toMatch(/ \d+ [\d.]+\/s$/);
  expect(stdout).not.toContain('\u001b');
  const json = await run(['watch', server.url, '--count', '1', '--json', '--filter', 'jobs']);
  expect(JSON.parse(json.stdout)).toMatchObject({ series: 'jobs_total{queue="red"}' });
});

test('a wrong address is a plain message', async () => {
  expect(await run(['watch', 'page.txt'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('follows an address'),
  });
});

describeWith(['tmux'], 'in a terminal', () => {
  const socket = `promark-${process.pid}`;
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8', stdio: 'pipe' });
  const screen = () => tmux('capture-pane', '-p', '-t', 'w');
  const shows = (pattern: RegExp) => until(String(pattern), () => pattern.test(screen()), screen);

  beforeAll(async () => {
    await bundle({
      entryPoints: [`${repository}/lib/cli/promark.ts`],
      outfile: files.path('dist/cli.mjs'),
      target: 'node20',
    });
    files.write('package.json', '{"version":"0.0.0"}');
  });

  afterAll(() => {
    try {
      tmux('kill-server');
    } catch {
      // There is none left.
    }
  });

  const start = (url = server.url) => {
    const script = files.write(
      'watch.sh',
      `echo before
"${process.execPath}" "${files.path('dist/cli.mjs')}" watch "${url}"
echo "ended with $?"
stty -a | grep -o ' echo '
sleep 600
`,
    );
    tmux('new-session', '-d', '-x', '100', '-y', '16', '-s', 'w', `sh ${script}`);
  };

  test('values move, keys sort and filter, and q restores the terminal', async () => {
    start();
    await shows(/jobs_total\{queue="red"\} +\d+ +[\d.]+\/s +[▁▂▃▄▅▆▇█]/);
    expect(screen()).toMatch(/^Series +Value +Per second +Last minute$/m);
    expect(screen()).not.toContain('before');
    tmux('send-keys', '-t', 'w', 's');
    await shows(/by value, descending/);
    tmux('send-keys', '-t', 'w', '/');
    tmux('send-keys', '-t', 'w', '-l', 'jobs');
    await shows(/^\/jobs/m);
    tmux('send-keys', '-t', 'w', 'Enter');
    await shows(/1 of \d+ series/);
    tmux('send-keys', '-t', 'w', 'Space');
    await shows(/\(paused\)/);
    tmux('send-keys', '-t', 'w', 'q');
    await shows(/before[\s\S]*ended with 0[\s\S]* echo/);
    tmux('kill-session', '-t', 'w');
  });

  test('a smaller terminal shows fewer columns, and keys still act while the server does not answer', async () => {
    let isSilent = false;
    const page = metricsHandler(registry);
    const slow = await listenOnLoopback(
      createServer((request, response) => {
        if (!isSilent) void page(request, response);
      }),
    );
    try {
      start(`${slow.url}/metrics`);
      await shows(/jobs_total/);
      tmux('resize-window', '-t', 'w', '-x', '40', '-y', '8');
      await shows(/^Series +Value$/m);
      expect(screen().trimEnd().split('\n').length).toBeLessThanOrEqual(8);
      isSilent = true;
      tmux('send-keys', '-t', 'w', '?');
      await shows(/q quit {2}\/ filter/);
      tmux('send-keys', '-t', 'w', 'q');
      await shows(/ended with 0[\s\S]* echo/);
    } finally {
      tmux('kill-session', '-t', 'w');
      await slow.close();
    }
  });

  test.each(['TERM', 'INT', 'HUP'])('SIG%s restores the terminal', async (signal) => {
    start();
    await shows(/jobs_total/);
    const shell = tmux('display-message', '-p', '-t', 'w', '#{pane_pid}').trim();
    const pid = execFileSync('pgrep', ['-P', shell], { encoding: 'utf8' });
    process.kill(Number(pid), `SIG${signal}`);
    await shows(/before[\s\S]*ended with \d+[\s\S]* echo/);
    tmux('kill-session', '-t', 'w');
  });
});
