// Counts the source files whose functions run on a route through the code: the files that its reader has to open.
//
//   npm run route                      every route, only the counts
//   npm run route -- counted nest      these routes, with their files
//
// Uses V8's precise coverage of the individual source files, which is enabled once everything is imported and set up.
// Code that runs while modules load does not count, nor does code called before.
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { readCommandLine, rule, temporaryFolder } from './program.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCES = ['lib', 'nest'];

/** A route is set up with the package's exports, and returns the function to follow. */
const ROUTES = {
  counted: {
    what: '@Counted on a method, and its first call',
    prepare:
      ({ Counted }) =>
      () =>
        counted(Counted).buy(),
  },
  'counted-call': {
    what: 'the first call of a @Counted method alone',
    prepare({ Counted }) {
      const shop = counted(Counted);
      return () => shop.buy();
    },
  },
  inc: {
    what: 'inc(labels) of an existing series',
    prepare: ({ Counter }) => incrementing(Counter, true),
  },
  'inc-new': {
    what: 'inc(labels) of a new series',
    prepare: ({ Counter }) => incrementing(Counter, false),
  },
  metrics: {
    what: 'the first metrics(), of a counter',
    prepare({ Counter, register }) {
      incrementing(Counter, true);
      return () => register.metrics();
    },
  },
  nest: {
    what: 'the start of a Nest app with PrometheusModule.forRoot()',
    async prepare(_, load) {
      const { PrometheusModule } = await load('nest/index.js');
      const { NestFactory } = await import('@nestjs/core');
      const { Module } = await import('@nestjs/common');
      return async () => {
        class AppModule {}
        Module({ imports: [PrometheusModule.forRoot()] })(AppModule);
        const app = await NestFactory.create(AppModule, { logger: false });
        await app.init();
        return () => app.close();
      };
    },
  },
};

/** Applies the decorator as compilers do for legacy decorators. */
function counted(Counted) {
  class Shop {
    buy() {}
  }
  const { prototype } = Shop;
  const method = Object.getOwnPropertyDescriptor(prototype, 'buy');
  Object.defineProperty(prototype, 'buy', Counted()(prototype, 'buy', method) ?? method);
  return new Shop();
}

function incrementing(Counter, before) {
  const counter = new Counter({ name: 'requests_total', help: 'Requests', labelNames: ['method', 'path'] });
  const labels = { method: 'GET', path: '/' };
  if (before) counter.inc(labels);
  return () => counter.inc(labels);
}

const [only, folder] = process.argv[2] === '--follow' ? process.argv.slice(3) : [];
if (only !== undefined) process.stdout.write(`${JSON.stringify(await follow(only, folder))}\n`);
else {
  const { operands } = readCommandLine(import.meta.url, { operands: { rule: rule.oneOf(Object.keys(ROUTES)) } });
  await report(operands);
}

async function report(named) {
  const folder = temporaryFolder('promark-route-');
  await compile(folder);
  for (const name of named.length > 0 ? named : Object.keys(ROUTES)) {
    const files = await inProcess(name, folder);
    console.log(`${String(files.length).padStart(4)}  ${name}: ${ROUTES[name].what}`);
    if (named.length > 0) for (const file of files) console.log(`      ${file}`);
  }
}

/** Each route runs in a separate process, so that nothing has been called before. */
async function inProcess(name, folder) {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const args = [fileURLToPath(import.meta.url), '--follow', name, folder];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

async function follow(name, folder) {
  const load = (file) => import(pathToFileURL(join(folder, file)));
  const run = await ROUTES[name].prepare(await load('lib/index.js'), load);
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const end = await run();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  if (typeof end === 'function') await end();
  const prefix = pathToFileURL(folder).href;
  const files = result.filter(({ url, functions }) => url.startsWith(prefix) && functions.some(wasCalled));
  return files.map(({ url }) => relative(folder, fileURLToPath(url)).replace(/\.js$/, '.ts')).sort();
}

/** Whether a function was called. The range that starts at 0 is the module itself. */
function wasCalled({ ranges: [{ startOffset, count }] }) {
  return count > 0 && startOffset > 0;
}

/** Compiles each source file separately, so that a file that runs is a source file. */
async function compile(folder) {
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.build.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const compilerOptions = { ...options, module: ts.ModuleKind.ESNext, sourceMap: false, declaration: false };
  for (const source of SOURCES) {
    const files = await readdir(join(root, source), { recursive: true });
    for (const file of files.filter((name) => name.endsWith('.ts'))) {
      const from = resolve(root, source, file);
      const to = join(folder, source, file.replace(/\.ts$/, '.js'));
      const { outputText } = ts.transpileModule(await readFile(from, 'utf8'), { compilerOptions, fileName: from });
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, outputText);
    }
  }
}
