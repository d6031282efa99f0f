// Type-checks projects one after another, as `tsc -p` does each, in one process: the compiler is loaded and warmed up
// once, and declarations are parsed once. What is wrong with declarations of others, which only some projects check, is
// not asked for: checking those of Node and of the language takes longer than all the rest. Called with the compiler's package and the projects' folders; prints a JSON array of what it says on each.
const { join } = require('node:path');

const [compiler, ...folders] = process.argv.slice(2);
const ts = require(compiler);

/** Declarations that have been parsed, by path and by what else decides how. */
const parsed = new Map();

/** A host that parses each declaration once, and its doc comments as plain ones, which takes half the time. */
function hostFor(options) {
  const host = ts.createCompilerHost(options);
  const { getSourceFile, readFile } = host;
  host.readFile = (file) => {
    const text = readFile(file);
    return file.endsWith('.d.ts') || file.endsWith('.d.cts') ? text?.replaceAll('/**', '/* ') : text;
  };
  host.getSourceFile = (file, how, ...rest) => {
    if (!file.endsWith('.d.ts')) return getSourceFile(file, how, ...rest);
    const key = JSON.stringify([file, how]);
    if (!parsed.has(key)) parsed.set(key, getSourceFile(file, how, ...rest));
    return parsed.get(key);
  };
  return host;
}

const isOfOthers = (program, file) =>
  program.isSourceFileDefaultLibrary(file) || /\/node_modules\/(?!promark\/)/.test(file.fileName);

function check(folder) {
  const unreadable = [];
  const parseHost = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (fault) => unreadable.push(fault) };
  const config = ts.getParsedCommandLineOfConfigFile(join(folder, 'tsconfig.json'), undefined, parseHost);
  if (config === undefined) return unreadable;
  const { fileNames: rootNames, options, projectReferences } = config;
  const configFileParsingDiagnostics = ts.getConfigFileParsingDiagnostics(config);
  const host = hostFor(options);
  const program = ts.createProgram({ rootNames, options, host, projectReferences, configFileParsingDiagnostics });
  const files = program.getSourceFiles().filter((file) => !isOfOthers(program, file));
  const general = [
    ...configFileParsingDiagnostics,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
  ];
  const found = files.flatMap((file) => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]);
  return ts.sortAndDeduplicateDiagnostics([...general, ...found]);
}

const format = {
  getCurrentDirectory: () => process.cwd(),
  getCanonicalFileName: (name) => name,
  getNewLine: () => '\n',
};
console.log(JSON.stringify(folders.map((folder) => ts.formatDiagnostics(check(folder), format))));
