import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Gauge, metricsHandler, Registry, startHttpServer } from 'promark';
import { type LoopbackServer, listenOnLoopback } from '../support/servers.js';
import { run, temporaryFolder } from './running.js';

const PAGE = '# HELP users Users who are logged in.\n# TYPE users gauge\nusers{a="\u001b[31mred"} 1\n';
const files = temporaryFolder();
const registry = new Registry();
let server: LoopbackServer;

beforeAll(async () => {
  new Gauge({ name: 'load_ms', help: 'Load', registers: [registry] });
  const page = metricsHandler(registry);
  server = await listenOnLoopback(
    createServer((request, response) => {
      const { authorization, 'x-tenant': tenant } = request.headers;
      if (request.url === '/html') return void response.setHeader('content-type', 'text/html').end('<p>');
      if (request.url === '/bearer' && authorization !== 'Bearer secret') return void response.writeHead(401).end();
      if (request.url === '/basic' && authorization !== `Basic ${btoa('ann:pass')}`)
        return void response.writeHead(401).end();
      if (request.url === '/silent') return;
      if (request.url === '/tenant' && tenant !== 'a') return void response.writeHead(403).end();
      void page(request, response);
    }),
  );
});

afterAll(async () => {
  files.remove();
  await server.close();
});

test('help lists the commands, and each command has help of its own', async () => {
  const { code, stdout } = await run(['--help']);
  expect(code).toBe(0);
  for (const name of ['lint', 'rules']) {
    expect(stdout).toContain(name);
    const help = await run([name, '--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain(`Usage: promark ${name} [options] <source>`);
    expect((await run(['help', name])).stdout).toBe(help.stdout);
  }
  expect(await run(['--version'])).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
});

test('without a command, the help goes to the standard error', async () => {
  expect(await run([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage:') });
});

test.each([
  [['lnt'], 'There is no command "lnt". Did you mean lint?'],
  [['lint', '--jsn', 'a'], 'has no option --jsn. Did you mean --json?'],
  [['lint', '-x', 'a'], 'promark lint has no option -x. promark lint --help lists them.'],
  [['help', 'lnt'], 'There is no command "lnt". Did you mean lint?'],
  [['dashboard', 'a', '--title'], '--title needs a value: --title <title>.'],
  [['lint', '-u'], '--user needs a value: --user <name:password>.'],
  [['lint', 'http://'], 'http:// is not a valid address.'],
  [['lint', 'ftp://example.org'], 'Addresses begin with http:// or https://, not ftp://.'],
  [['lint'], 'Give a source'],
  [['lint', 'a', 'b'], 'Give one source, not 2: a b'],
  [['lint', '/no/such/file'], '/no/such/file cannot be read: there is no such file.'],
  [['lint', '/'], '/ cannot be read: it is a folder.'],
  [['lint', '--fail-on', 'wrong', '-'], '--fail-on must be one of info, warning, error, never, got "wrong".'],
  [['lint', '--twice', 'x', '-'], '--twice must be a number of at least 0, got "x".'],
  [['lint', '--twice', '1', '-'], '--twice needs an address to read again'],
])('%p is a mistake that is explained', async (args, message) => {
  expect(await run(args, { stdin: PAGE })).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(message),
  });
});

test('a page comes from the standard input or a file, and is printed without control characters', async () => {
  const piped = await run(['lint', '--fail-on', 'info', '-'], { stdin: `${PAGE}bad_ms{b="\u001b[2J"} 1\n` });
  expect(piped).toMatchObject({ code: 1, stderr: '' });
  expect(piped.stdout).toContain('line 4: bad_ms metric names should not contain abbreviated units [abbreviated-unit]');
  expect(piped.stdout).not.toContain('\u001b');
  expect(await run(['lint', files.write('page.txt', PAGE)])).toEqual({
    code: 0,
    stdout: 'Nothing found.\n',
    stderr: '',
  });
});

test('a file that is not a page is named, and an empty one is a finding', async () => {
  const json = files.write('package.json', '{"name":"shop"}');
  const other = files.write('README.md', 'Read the metrics\n');
  const manifest = files.write('manifest.json', JSON.stringify(registry.manifest()));
  for (const [args, message] of [
    [['parse', json], `${json} is JSON, but neither a manifest`],
    [['parse', other], `${other} cannot be parsed: line 1: `],
    [['parse', manifest], `${manifest} is a manifest, which has no samples`],
    [['lint', '-', '--earlier', manifest], `${manifest} is a manifest, which has no values to compare with.`],
    [['parse', '-'], 'The standard input is JSON, but neither a manifest'],
  ] as const) {
    expect(await run(args, { stdin: args[0] === 'lint' ? PAGE : '{}' })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`promark: ${message}`),
    });
  }
  expect(await run(['lint', files.write('empty.txt', '')])).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^warning there are no families on the page \[no-families\]/),
  });
});

test('colors are for terminals, unless NO_COLOR or FORCE_COLOR says otherwise', async () => {
  const stdin = 'bad_ms 1\n';
  const colored = async (env: NodeJS.ProcessEnv, isTTY: boolean) =>
    (await run(['lint', '-'], { stdin, env, isTTY })).stdout.includes('\u001b[');
  expect(await colored({}, true)).toBe(true);
  expect(await colored({ NO_COLOR: '1' }, true)).toBe(false);
  expect(await colored({}, false)).toBe(false);
  expect(await colored({ FORCE_COLOR: '1' }, false)).toBe(true);
});

test('JSON is printed on demand', async () => {
  const { stdout } = await run(['lint', '--json', '-'], { stdin: 'bad_ms 1\n' });
  expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ id: 'no-help', metric: 'bad_ms', line: 1 }));
});

test('an address is read with headers, basic authentication or a token', async () => {
  const ok = { code: 0, stdout: expect.stringContaining('load_ms metric names should not contain abbreviated units') };
  const { url } = server;
  expect(await run(['lint', url])).toMatchObject(ok);
  expect(await run(['lint', '--bearer', 'secret', `${url}/bearer`])).toMatchObject(ok);
  expect(await run(['lint', `${url}/bearer`], { env: { PROMARK_BEARER: 'secret' } })).toMatchObject(ok);
  expect(await run(['lint', '-u', 'ann:pass', `${url}/basic`])).toMatchObject(ok);
  expect(await run(['lint', `${url.replace('//', '//ann:pass@')}/basic`])).toMatchObject(ok);
  expect(await run(['lint', '-H', 'X-Tenant: a', `${url}/tenant`])).toMatchObject(ok);
  const refused = await run(['lint', `${url}/bearer`]);
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/answered 401 .* Authenticate with --user or --bearer/),
  });
});

test('an address without a page, without an answer or without a server, is explained', async () => {
  expect(await run(['lint', `${server.url}/html`])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is an HTML document'),
  });
  expect(await run(['lint', '--timeout', '0.2', `${server.url}/silent`])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('/silent cannot be read: no answer within 0.2 s.'),
  });
  const closed = await startHttpServer({ port: 0, host: '127.0.0.1', registry, thread: false });
  await closed.close();
  expect(await run(['lint', closed.url])).toMatchObject({ code: 2, stderr: expect.stringContaining('ECONNREFUSED') });
  expect(await run(['lint', server.url.replace('http:', 'https:')])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/cannot be read: the server does not speak TLS, try http:\/\/\.\n$/),
  });
});
