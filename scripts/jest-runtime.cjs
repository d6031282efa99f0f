// Jest's runtime, which compiles each module of a package once in a worker in place of once in every test file: V8 keeps
// the functions that have been compiled with the script, whatever context it runs in. Of what a test file of Nest takes,
// most is otherwise the time to compile Nest and Jest itself.
const { Script } = require('node:vm');
const Runtime = require('jest-runtime').default;

/** The scripts of modules in node_modules, by their paths. */
const scripts = new Map();

/** The runtime of the test file that runs. */
let current;

/** Outside of the class, since a script lives as long as the worker and must not keep the runtime of a test file. */
function scriptOf(source, filename, opening) {
  return new Script(`${opening}${source}\n})`, {
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
    const { executor } = this;
    const compile = executor.compile.bind(executor);
    const opening = `(function (${executor.injectedModuleParameters.join(', ')}) {`;
    executor.compile = (source, filename) => {
      const context = executor.environment.getVmContext();
      if (context === null || !filename.includes('/node_modules/')) return compile(source, filename);
      let compiled = scripts.get(filename);
      if (compiled?.source !== source) {
        try {
          compiled = { source, script: scriptOf(source, filename, opening) };
        } catch {
          // Jest's own way, which says what is wrong.
          return compile(source, filename);
        }
        scripts.set(filename, compiled);
      }
      return compiled.script.runInContext(context);
    };
  }
};
