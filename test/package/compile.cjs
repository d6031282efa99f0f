// Type-checks projects one after another, as `tsc -p` does each, in one process: the compiler is loaded and warmed up
// once. Called with the compiler's package and the projects' folders; prints a JSON array of what it says on each.
const { join } = require('node:path');

const [compiler, ...folders] = process.argv.slice(2);
const ts = require(compiler);

function check(folder) {
  const unreadable = [];
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (fault) => unreadable.push(fault) };
  const config = ts.getParsedCommandLineOfConfigFile(join(folder, 'tsconfig.json'), undefined, host);
  if (config === undefined) return unreadable;
  const { fileNames: rootNames, options, projectReferences } = config;
  const configFileParsingDiagnostics = ts.getConfigFileParsingDiagnostics(config);
  const program = ts.createProgram({ rootNames, options, projectReferences, configFileParsingDiagnostics });
  return ts.getPreEmitDiagnostics(program);
}

const format = {
  getCurrentDirectory: () => process.cwd(),
  getCanonicalFileName: (name) => name,
  getNewLine: () => '\n',
};
console.log(JSON.stringify(folders.map((folder) => ts.formatDiagnostics(check(folder), format))));
