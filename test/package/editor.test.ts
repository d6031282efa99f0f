import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import ts from 'typescript';
import { installPacked, type Project } from './packed.js';

let project: Project;

beforeAll(async () => {
  project = await installPacked();
  await project.borrow('@types');
});

afterAll(() => project?.remove());

/** What an editor offers after each expression of a program that uses the installed package. */
function members(declarations: string, expressions: readonly string[]): string[][] {
  const file = join(project.folder, 'program.ts');
  const source = `${declarations}\n${expressions.map((expression) => `${expression}.;`).join('\n')}\n`;
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const text = path === file ? source : ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => project.folder,
    getCompilationSettings: () => ({
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: ['node'],
    }),
    getDefaultLibFileName: (given) => join(dirname(ts.getDefaultLibFilePath(given)), ts.getDefaultLibFileName(given)),
    fileExists: (path) => path === file || ts.sys.fileExists(path),
    readFile: (path) => (path === file ? source : ts.sys.readFile(path)),
  });
  return expressions.map((expression) => {
    const position = source.indexOf(`\n${expression}.;`) + expression.length + 2;
    return (service.getCompletionsAtPosition(file, position, {})?.entries ?? []).map(({ name }) => name).sort();
  });
}

test('An editor offers what users of a metric call, and nothing that only pages read', () => {
  const [counter, child, gaugeChild, summaryChild] = members(
    `import { Counter, Gauge, Summary } from 'promark';
     const config = { name: 'm', help: 'M', labelNames: ['method'] } as const;
     const counter = new Counter(config);
     const child = counter.labels('GET');
     const gaugeChild = new Gauge(config).labels('GET');
     const summaryChild = new Summary(config).labels('GET');`,
    ['counter', 'child', 'gaugeChild', 'summaryChild'],
  );
  expect(counter).toEqual([
    ...['aggregator', 'collect', 'countExceptions', 'curry', 'enableExemplars', 'get', 'help', 'inc', 'kind'],
    ...['labelNames', 'labels', 'name', 'remove', 'removeMatching', 'reset', 'seriesCount', 'type', 'unit', 'zero'],
  ]);
  expect(child).toEqual(['countExceptions', 'inc']);
  expect(gaugeChild).toEqual([
    ...['dec', 'inc', 'set', 'setFunction', 'setToCurrentTime', 'startTimer', 'time', 'trackInProgress'],
  ]);
  expect(summaryChild).toEqual(['observe', 'startTimer', 'time']);
});
