import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');
const file = join(root, 'test/types/in-the-editor.ts');
const before = `
import { Counter, Gauge, Histogram, Summary } from 'promark';
const config = { name: 'm', help: 'M', labelNames: ['method', 'path'] } as const;
export const counter = new Counter(config);
export const gauge = new Gauge(config);
export const histogram = new Histogram(config);
export const summary = new Summary(config);
`;

let source = '';
let version = 0;
let service: ts.LanguageService;

beforeAll(() => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [file] }, ts.sys, root);
  const read = (path: string) => (path === file ? source : ts.sys.readFile(path));
  service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: (path) => (path === file ? String(version) : '1'),
    getScriptSnapshot: (path) => {
      const text = read(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => options,
    getDefaultLibFileName: (given) => join(dirname(ts.getDefaultLibFilePath(given)), ts.getDefaultLibFileName(given)),
    fileExists: (path) => path === file || ts.sys.fileExists(path),
    readFile: read,
  });
}, 120_000);

function write(code: string): void {
  source = before + code;
  version += 1;
}

/** What an editor offers where `code` has a `|`. */
function completions(code: string): string[] {
  write(code.replace('|', ''));
  const found = service.getCompletionsAtPosition(file, before.length + code.indexOf('|'), {});
  return (found?.entries ?? []).map(({ name }) => name);
}

/** The lines of the only error in `code`. */
function errorLines(code: string): string[] {
  write(code);
  const [error, ...others] = service.getSemanticDiagnostics(file);
  expect(others).toEqual([]);
  return ts.flattenDiagnosticMessageText(error?.messageText, '\n').split('\n');
}

describe('an editor', () => {
  test.each(['gauge.set({ | }, 1)', 'histogram.observe({ | }, 1)', 'summary.observe({ | }, 1)'])(
    'offers the labels first at %s',
    (code) => {
      expect(completions(code).slice(0, 2)).toEqual(['method', 'path']);
    },
  );

  test.each(["gauge.set({ methd: 'GET', path: '/' }, 1)", "summary.observe({ methd: 'GET', path: '/' }, 1)"])(
    'says in one line which label is wrong in %s',
    (code) => {
      const [line, ...more] = errorLines(code);
      expect(line).toContain("'methd' does not exist");
      expect(line).toContain("Did you mean to write 'method'?");
      expect(more).toEqual([]);
    },
  );

  test.each(["counter.inc({ methd: 'GET', path: '/' })", "histogram.observe({ methd: 'GET', path: '/' }, 1)"])(
    'names the wrong label before all else in %s',
    (code) => {
      expect(errorLines(code)[2]).toContain("'methd' does not exist");
    },
  );
});
