import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');
const before = `
import { Counted, CountExceptions, Counter, Gauge, GaugeFrom, Histogram, Info, InProgress, StateSet, Summary, Timed } from 'promark';
const config = { name: 'm', help: 'M', labelNames: ['method', 'path'] } as const;
export const counter = new Counter(config);
export const gauge = new Gauge(config);
export const histogram = new Histogram(config);
export const summary = new Summary(config);
export const info = new Info(config);
export const stateSet = new StateSet({ ...config, states: ['on', 'off'] });
export const single = new Counter({ name: 'm', help: 'M', labelNames: ['method'] });
`;

/** A file for each piece of code, after `before`. One program of all of them is checked much faster than one of each. */
const files = new Map<string, string>();
const texts = new Map<string, string>();
/** The dialect of decorators. */
let legacy = false;
let service: ts.LanguageService;

/** Returns the file of a piece of code. Tests with tables of it have them in the program from the beginning. */
function fileOf(code: string): string {
  const file = files.get(code) ?? join(root, `test/types/in-the-editor-${files.size}.ts`);
  files.set(code, file);
  texts.set(file, before + code);
  return file;
}

beforeAll(() => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [fileOf('')] }, ts.sys, root);
  const read = (path: string) => texts.get(path) ?? ts.sys.readFile(path);
  service = ts.createLanguageService({
    getScriptFileNames: () => [...files.values()],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const text = read(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => ({
      ...options,
      noUnusedLocals: false,
      noUnusedParameters: false,
      experimentalDecorators: legacy,
    }),
    getDefaultLibFileName: (given) => join(dirname(ts.getDefaultLibFilePath(given)), ts.getDefaultLibFileName(given)),
    fileExists: (path) => texts.has(path) || ts.sys.fileExists(path),
    readFile: read,
  });
});

/** What an editor offers where `code` has a `|`, in the order in which it shows them. */
function completions(code: string): string[] {
  const found = service.getCompletionsAtPosition(fileOf(code.replace('|', '')), before.length + code.indexOf('|'), {});
  const rank = (entry: ts.CompletionEntry) => `${entry.sortText} ${entry.name}`;
  const entries = [...(found?.entries ?? [])].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return entries.map(({ name }) => name);
}

/** The lines of the only error in `code`. */
function errorLines(code: string): string[] {
  const messages = service.getSemanticDiagnostics(fileOf(code)).map(({ messageText }) => messageText);
  expect(messages).toHaveLength(1);
  return ts.flattenDiagnosticMessageText(messages[0], '\n').split('\n');
}

/** Whether `code` compiles in the editor; its errors otherwise. */
function errorsOf(code: string): string[] {
  return service
    .getSemanticDiagnostics(fileOf(code))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** What the only error in `code` underlines. */
function underlined(code: string): string {
  const [{ start, length }, ...others] = service.getSemanticDiagnostics(fileOf(code));
  expect(others).toEqual([]);
  return (before + code).slice(start, (start ?? 0) + (length ?? 0));
}

/** What an editor shows for the constant that `code` declares. */
function shown(code: string): string {
  const position = before.length + code.indexOf('const ') + 'const '.length;
  return ts.displayPartsToString(service.getQuickInfoAtPosition(fileOf(code), position)?.displayParts);
}

const recording = {
  'counter.inc': 'counter.inc({ @ })',
  'gauge.inc': 'gauge.inc({ @ })',
  'gauge.set': 'gauge.set({ @ }, 1)',
  'histogram.observe': 'histogram.observe({ @ }, 1)',
  'summary.observe': 'summary.observe({ @ }, 1)',
  'stateSet.state': "stateSet.state({ @ }, 'on')",
  'info.info': 'info.info({ @ }, {})',
  'histogram.startTimer': 'histogram.startTimer({ @ })',
  'the end of a timer': 'histogram.startTimer()({ @ })',
  labels: 'counter.labels({ @ })',
  'labels of a metric with one': 'single.labels({ @ })',
  remove: 'counter.remove({ @ })',
  curry: 'counter.curry({ @ })',
};

/** Puts the code of a table into the program; by default, its first column. */
function prepared(rows: [string, string][], codeOf = (first: string, _second: string) => first): [string, string][] {
  for (const row of rows) fileOf(codeOf(...row));
  return rows;
}

const single = (code: string): boolean => code.startsWith('single');
const onMember = (member: string): string => `export class A { ${member} }`;
const misspelled = (code: string): string =>
  code.replace('@', single(code) ? "methd: 'GET'" : "methd: 'GET', path: '/'");
const impossible = (code: string): string => code.replace('@', single(code) ? 'method: {}' : "method: {}, path: '/'");

for (const code of Object.values(recording)) {
  for (const text of [code.replace('@', ''), misspelled(code), impossible(code)]) fileOf(text);
}

describe('an editor', () => {
  test.each(Object.entries(recording))('offers the labels first at %s', (_, code) => {
    const labels = single(code) ? ['method'] : ['method', 'path'];
    expect(completions(code.replace('@', '|')).slice(0, labels.length)).toEqual(labels);
  });

  test.each(Object.entries(recording))('names a wrong label in the first line of the only error at %s', (_, code) => {
    expect(errorLines(misspelled(code))[0]).toContain("'methd' does not exist in type");
  });

  test.each(Object.entries(recording))('underlines a label whose value no label can have at %s', (_, code) => {
    expect(underlined(impossible(code))).toBe('method');
    expect(errorLines(impossible(code))[0]).toBe("Type '{}' is not assignable to type 'LabelValue'.");
  });

  test.each(
    prepared([
      ["counter.inc({ method: 'GET', path: '/' }, '2')", "'2'"],
      ["gauge.set({ method: 'GET', path: '/' }, '2')", "'2'"],
      ["gauge.dec({ method: 'GET', path: '/' }, '2')", "'2'"],
      ["histogram.observe({ method: 'GET', path: '/' }, '2')", "'2'"],
      ["summary.observe({ method: 'GET', path: '/' }, '2')", "'2'"],
      ["counter.labels('GET', {})", '{}'],
      ["counter.remove('GET', {})", '{}'],
    ]),
  )('underlines the value in %s, and says so in one line', (code, value) => {
    expect(underlined(code)).toBe(value);
    expect(errorLines(code)).toEqual([
      expect.stringMatching(
        /^Argument of type '(string|\{\})' is not assignable to parameter of type '(number|LabelValue)'\.$/,
      ),
    ]);
  });

  test('names the label of an object that is declared elsewhere', () => {
    const lines = errorLines("const labels = { method: {}, path: '/' };\ncounter.inc(labels);");
    expect(lines[0]).toContain("Argument of type '{ method: {}; path: string; }'");
    expect(lines.join('\n')).toContain("Types of property 'method' are incompatible.");
  });

  test('has no error for values that are spread, whose number is known only when the program runs', () => {
    const values = 'declare const all: string[]; declare const ids: (string | number)[];';
    expect(
      errorsOf(`${values} counter.labels(...all).inc(); gauge.labels('GET', ...ids); info.remove(...all);`),
    ).toEqual([]);
    expect(errorsOf("const two = ['GET', '/'] as const; counter.labels(...two); counter.remove(...two);")).toEqual([]);
    expect(errorLines("counter.labels(...(['GET', '/', 200] as const))")[0]).toBe('Expected 2 arguments, but got 3.');
  });

  test.each(
    prepared([
      ['counter.inc()', 'Expected 1-3 arguments, but got 0.'],
      [
        'counter.inc({})',
        "Argument of type '{}' is not assignable to parameter of type '{ readonly method: LabelValue;",
      ],
      [
        'counter.inc(5)',
        "Argument of type 'number' is not assignable to parameter of type '{ readonly method: LabelValue;",
      ],
      ['gauge.set(1)', 'Expected 2 arguments, but got 1.'],
      ['gauge.dec()', 'Expected 1-2 arguments, but got 0.'],
      [
        'histogram.observe(1)',
        "Argument of type 'number' is not assignable to parameter of type 'ObserveWithExemplar<",
      ],
      ['summary.observe(1)', 'Expected 2 arguments, but got 1.'],
      ["counter.labels('GET', '/', 200)", 'Expected 2 arguments, but got 3.'],
      ['single.labels()', 'Expected 1 arguments, but got 0.'],
    ]),
  )('says in the first line what %s lacks', (code, line) => {
    expect(errorLines(code)[0]).toContain(line);
  });

  test('names the missing label', () => {
    expect(errorLines("gauge.set({ method: 'GET' }, 1)")[1]).toContain("Property 'path' is missing");
  });

  test.each(
    prepared([
      [
        "const hits = new Counter({ name: 'm', help: 'M', labelNames: ['method', 'path'] });",
        'Counter<"method" | "path">',
      ],
      ["const hits = counter.curry({ method: 'GET' });", 'Curried<Counter<"path">>'],
      ["const free = new Gauge({ name: 'm', help: 'M' });", 'Gauge<NoLabels>'],
    ]),
  )('shows the names of the labels for %s', (code, type) => {
    expect(shown(code)).toMatch(new RegExp(`: ${type.replace('|', '\\|')}$`));
  });

  describe.each([
    ['standard', false],
    ['legacy', true],
  ])('in the %s dialect', (_, isLegacy) => {
    beforeAll(() => {
      legacy = isLegacy;
    });
    afterAll(() => {
      legacy = false;
    });

    test.each(
      prepared(
        [
          ['a getter', '@Timed() get a() { return 1; }'],
          ['a setter', '@Counted() set a(value: number) {}'],
          ['a field', '@InProgress() a = 5;'],
          ['a field that holds a function', '@CountExceptions() a = () => 5;'],
          ['a static getter', '@counter.countExceptions() static get a() { return 1; }'],
        ],
        (_, member) => onMember(member),
      ),
    )('says in a sentence that a decorator for methods cannot stand on %s', (_, member) => {
      expect(errorLines(onMember(member)).join('\n')).toMatch(
        /This decorator measures methods: it cannot be used on a field, a getter, a setter or an accessor\./,
      );
    });

    test('says in a sentence that @GaugeFrom() cannot stand on a field', () => {
      expect(errorLines("export class A { @GaugeFrom({ name: 'm', help: 'M' }) a = 5; }").join('\n')).toMatch(
        /This decorator reads a getter or a method without parameters, not a field or a setter\./,
      );
    });
  });
});
