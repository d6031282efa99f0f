// Jest's runtime, but compiling each module of a package, and the bundle of the sources, once per worker instead of once per
// test file: V8 keeps compiled functions with their script, whatever context it runs in. Otherwise, most of the time of a
// Nest test file would be spent on compiling Nest and Jest itself. These modules get globals as parameters of a function
// around them.
const { AsyncLocalStorage } = require('node:async_hooks');
const { dirname, join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');
const Runtime = require('jest-runtime').default;
const { GLOBALS } = require('./jest-globals.cjs');

// Node 20 optimizes functions so early that this takes at least a seventh of the tests' time. Later versions have no such flag.
if (process.version.startsWith('v20.')) setFlagsFromString('--interrupt-budget=400000');

/** Where `scripts/jest-sources.mjs` has put the sources. */
const BUNDLE = join(dirname(__dirname), 'node_modules/.cache/jest-sources/lib/_sources.cjs');

/** The scripts of modules in node_modules, by their paths. */
const scripts = new Map();

/**
 * The storages of asynchronous context that the current test file has used. Before Node 24, every promise and timer copies
 * the context of each storage of the process until that is disabled. Jest has one of its own for each test file and
 * disables none, so the hundredth test file of a worker would take several times as long as the first.
 */
const storages = new Set();

for (const method of ['run', 'enterWith']) {
  const use = AsyncLocalStorage.prototype[method];
  AsyncLocalStorage.prototype[method] = function (...args) {
    storages.add(this);
    return Reflect.apply(use, this, args);
  };
}

/** The runtime of the current test file. */
let current;

/** Not a method, because a script lives as long as the worker and must not retain the runtime of a test file. */
function scriptOf(source, filename, opening) {
  return new Script(`${opening}${source}\n}))(${GLOBALS.join(', ')})`, {
    filename,
    columnOffset: -opening.length,
    importModuleDynamically(specifier, _script, attributes, ...rest) {
      const { executor } = current;
      return executor.dynamicImport(specifier, filename, executor.environment.getVmContext(), attributes, rest[0]);
    },
  });
}

module.exports = class CompileOnce extends Runtime {
  constructor(...args) {
    super(...args);
    current = this;
    // Jest keeps the source maps that it knows of, and parses others again for every test file in which a stack is read.
    this.getSourceMaps().set(BUNDLE, `${BUNDLE}.map`);
    const { executor } = this;
    const compile = executor.compile.bind(executor);
    const opening = `((${GLOBALS.join(', ')}) => (function (${executor.injectedModuleParameters.join(', ')}) {`;
    executor.compile = (source, filename) => {
      const context = executor.environment.getVmContext();
      if (context === null || !filename.includes('/node_modules/')) return compile(source, filename);
      let compiled = scripts.get(filename);
      if (compiled?.source !== source) {
        try {
          compiled = { source, script: scriptOf(source, filename, opening) };
        } catch {
          // Lets Jest report the error in its own way.
          return compile(source, filename);
        }
        scripts.set(filename, compiled);
      }
      return compiled.script.runInContext(context);
    };
  }

  teardown() {
    for (const storage of storages) storage.disable();
    storages.clear();
    return super.teardown();
  }
};
