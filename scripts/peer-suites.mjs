// Runs the test suite of prom-client or @prometheus-io/client against the built package:
//
//   git clone https://github.com/prometheus/client_js ../client_js
//   npm run build && node scripts/peer-suites.mjs ../client_js
//
// The checkout is not changed: its tests are copied to a temporary folder, where their `index.js` and what they load from
// `lib/` is this package. Prints how many tests pass, and the failing ones with the first lines of their errors; `--full`
// prints whole errors, `--json <file>` keeps Jest's report. Words after the checkout select test files.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { readCommandLine, temporaryFolder } from './program.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const {
  values: options,
  operands: [checkout, ...selected],
} = readCommandLine(import.meta.url, {
  operands: { least: 1 },
  options: { full: { type: 'boolean', default: false }, json: { type: 'string' } },
});

/** Factor for the tests' timeouts and delays, which are too short for a busy machine. */
const TIME_FACTOR = 100;

/**
 * Adapts this package to the tests. Their mocks answer a push once, so a push that timed out must not be retried. Their
 * `timeout` of 10 ms is real time here, so it is multiplied, as are the mocks' delays in the copy. Pages in text 0.0.4 have
 * plain bounds, the option for programs that depend on prom-client's notation.
 */
const SHIM = `
class Pushgateway extends client.Pushgateway {
  constructor(url, options, registry) {
    const isRegistry = options instanceof client.Registry;
    if (isRegistry) super(url, { retries: 0 }, options);
    else super(url, { retries: 0, ...options, ...(options?.timeout && { timeout: ${TIME_FACTOR} * options.timeout }) }, registry);
  }
}
const { metrics, setContentType } = client.Registry.prototype;
client.Registry.prototype.metrics = function (options) {
  this.setPlainBounds(this.contentType === client.prometheusContentType);
  return metrics.call(this, options);
};
client.Registry.prototype.setContentType = function (contentType) {
  this.setPlainBounds(false);
  return setContentType.call(this, contentType);
};
module.exports = Object.defineProperties({}, {
  ...Object.getOwnPropertyDescriptors(client),
  Pushgateway: { value: Pushgateway, enumerable: true },
});
`;

/**
 * Timeout of the tests of processes and threads: those that wait for a message of the peer's own protocol never get it,
 * and the others take less, even on a busy machine.
 */
const MESSAGE_TEST_TIMEOUT_MS = 10_000;

/** The peer's modules with public classes, and what they export. */
const PUBLIC = {
  'lib/registry': 'module.exports = client.Registry;',
  'lib/cluster': 'module.exports = client.AggregatorRegistry;',
  'lib/worker': 'module.exports = client.WorkerRegistry;',
  'lib/metric': 'exports.Metric = Object.getPrototypeOf(client.Counter);',
  'lib/validation': 'exports.validateMetricName = client.validateMetricName;',
};

/**
 * Reasons for failing tests, matched against file, name and message; docs/from-prom-client.md explains each. The first
 * match counts.
 */
const REASONS = [
  [
    'internals',
    /^(util|timeWindowQuantiles|validation)Test|validateLabel|^pushgatewayWithPathTest|sharedLabels|shared label/,
  ],
  ['messages between processes and threads', /^(cluster|worker)Test|AggregatorRegistry/],
  [
    'wording of an error',
    /toThrowErrorMatchingSnapshot|- Pushgateway request timed out|Expected: "Pushgateway request/,
  ],
  ['pushes are never in OpenMetrics, which the gateway misreads', /pushgateway with OpenMetrics registry/],
  ['text: le="1.0", NaN, no blank lines', /le="1"|le=\\"1\\"|Nan"|all initialized metrics at value 0|multiple buckets/],
  ['reset keeps a series at 0', /reset/],
  ['quantiles: nearest rank, NaN when empty', /percentile|pruneAgedBuckets/],
  ['the name is still taken, because the constructor before did not throw', /make counter with exemplar/],
  ['exemplars need no OpenMetrics registry; long ones are dropped', /xemplar/],
  ['a metric with an illegal name is left out', /should escape/],
  ['internals: the abstract class Metric', /Metric instantiation/],
];

async function prepare(folder) {
  await cp(join(checkout, 'test'), join(folder, 'test'), { recursive: true });
  const pushes = join(folder, 'test/pushgatewayTest.js');
  const source = await readFile(pushes, 'utf8');
  await writeFile(
    pushes,
    source.replaceAll(/\.delay\((\d+)\)/g, (_, milliseconds) => `.delay(${TIME_FACTOR * milliseconds})`),
  );
  for (const file of ['test/clusterTest.js', 'test/workerTest.js']) {
    const path = join(folder, file);
    if (!existsSync(path)) continue;
    await writeFile(path, `jest.setTimeout(${MESSAGE_TEST_TIMEOUT_MS});${await readFile(path, 'utf8')}`);
  }
  await mkdir(join(folder, 'lib/metrics'), { recursive: true });
  const { name, jest = {} } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'));
  // The page of its cluster includes the primary; that of prom-client does not.
  const isSuccessor = name === '@prometheus-io/client';
  // Babel takes seconds for this package, which some tests load sixty times.
  const config = { ...jest, transformIgnorePatterns: ['/node_modules/', join(root, 'dist')], testTimeout: 60_000 };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'peer-suite', private: true, jest: config }));
  await writeFile(
    join(folder, 'index.js'),
    `const client = require(${JSON.stringify(join(root, 'dist/index.cjs'))});\n${SHIM}`,
  );
  for (const [module, text] of Object.entries(PUBLIC)) {
    const source = isSuccessor ? text.replace('AggregatorRegistry', 'ClusterRegistry') : text;
    await writeFile(join(folder, `${module}.js`), `const client = require('../index.js');\n${source}\n`);
  }
  // Each module of default metrics is a collector of this package. Other modules of `lib/` are internal.
  for (const file of await readdir(join(checkout, 'lib/metrics'))) {
    const collector = `register: registry ?? client.register, collectors: ['${basename(file, '.js')}']`;
    const source = `module.exports = (registry, config) => client.collectDefaultMetrics({ ...config, ${collector} });`;
    await writeFile(join(folder, 'lib/metrics', file), `const client = require('../../index.js');\n${source}\n`);
  }
  const { status } = spawnSync(
    'npm',
    ['install', '--no-save', '--prefer-offline', '--no-audit', '--no-fund', 'nock@13', 'express@5'],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  if (status !== 0) throw new Error('npm could not install nock, which the tests use.');
  for (const name of ['@opentelemetry']) {
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
}

function runJest(folder, report) {
  const args = ['--ci', '--json', '--outputFile', report, '--rootDir', folder, ...selected];
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...args], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    child.on('error', fail);
    child.on('exit', done);
  });
}

function print({ testResults }) {
  const tests = testResults.flatMap(({ name, assertionResults, message }) =>
    assertionResults.length > 0
      ? assertionResults.map((test) => ({ ...test, file: name.split('/test/').pop() }))
      : [{ status: 'failed', fullName: '(the file)', failureMessages: [message], file: name.split('/test/').pop() }],
  );
  const failed = tests.filter(({ status }) => status === 'failed');
  const passed = tests.filter(({ status }) => status === 'passed');
  const byReason = new Map();
  for (const test of failed) {
    const text = [test.file, test.fullName, ...test.failureMessages].join(' ');
    const [reason = 'no known reason'] = REASONS.find(([, pattern]) => pattern.test(text)) ?? [];
    byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
    test.reason = reason;
  }
  for (const file of new Set(failed.map((test) => test.file))) {
    console.log(`\n${file}`);
    for (const { fullName, failureMessages, reason } of failed.filter((test) => test.file === file)) {
      const message = stripVTControlCharacters(failureMessages.join('\n'));
      const [first, ...rest] = message.split('\n').filter((line) => line.trim() !== '');
      const lines = options.full
        ? message
        : [first, ...rest.filter((line) => /Expected|Received|^\s*[-+] /.test(line))].slice(0, 5).join('\n      ');
      console.log(`  ${fullName} [${reason}]\n      ${lines}`);
    }
  }
  console.log('\nfailures by reason:');
  for (const [reason, count] of byReason) console.log(`${String(count).padStart(5)}  ${reason}`);
  console.log(`\n${passed.length} of ${passed.length + failed.length} tests pass`);
}

const folder = temporaryFolder('peer-suite-');
await prepare(folder);
const report = options.json === undefined ? join(folder, 'report.json') : resolve(options.json);
await runJest(folder, report);
print(JSON.parse(await readFile(report, 'utf8')));
