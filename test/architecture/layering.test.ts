import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { sourceFiles } from './imports.js';
import { checkLayering, layering } from './layering.js';

const root = resolve(import.meta.dirname, '../..');

test('the sources keep to the layering and have no import cycle', () => {
  expect(sourceFiles(root, 'lib')).toContain('lib/index.ts');
  expect(checkLayering(root)).toEqual([]);
});

test('the layering itself has no cycle', () => {
  const visit = (layer: string, path: readonly string[]): void => {
    expect(path).not.toContain(layer);
    for (const next of layering[layer]?.layers ?? []) visit(next, [...path, layer]);
  };
  for (const layer of Object.keys(layering)) visit(layer, []);
});

test('ARCHITECTURE.md says of each room what it may import', () => {
  const table = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(/^\| `lib\/(\w+)\/` \|.*\| (.+) \|$/gm);
  const rooms = [...table].map(([, room = '', cell = '']) => ({ room, cell }));
  expect(rooms.map(({ room }) => room).sort()).toEqual(
    Object.keys(layering)
      .filter((layer) => !layer.includes('.') && !['nest', 'otel'].includes(layer))
      .sort(),
  );
  rooms.forEach(({ room, cell }, i) => {
    const [, except, more] = /^all of the above but (\w+)(?:, and (.+))?$/.exec(cell) ?? [];
    const above = rooms.slice(0, i).flatMap((other) => (other.room === except ? [] : other.room));
    const named = (except === undefined ? cell : (more ?? 'nothing')).replaceAll(/[`]|lib\//g, '').split(', ');
    const allowed = [...(except === undefined ? [] : above), ...named.filter((name) => name !== 'nothing')];
    expect({ room, allowed: allowed.sort() }).toEqual({ room, allowed: [...(layering[room]?.layers ?? [])].sort() });
  });
});

describe('the checker, on made-up trees', () => {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
  });

  function check(files: Record<string, string>): string[] {
    const folder = mkdtempSync(join(tmpdir(), 'promark-layering-'));
    made.push(folder);
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    return checkLayering(folder);
  }

  test('accepts arrows of the table, subfolders and neighbors', () => {
    const faults = check({
      'lib/index.ts': "export * from './registry/deep/a.js';\nexport type { M } from './model/m.js';",
      'lib/model/m.ts': "import { join } from 'node:path';\nexport type M = typeof join;",
      'lib/registry/deep/a.ts': "export { b } from '../b.js';",
      'lib/registry/b.ts': "import type { M } from '../model/m.js';\nexport const b: M | 1 = 1;",
      'nest/index.ts':
        "import { Module } from '@nestjs/common';\nimport { b } from '../lib/index.js';\nexport { b, Module };",
    });
    expect(faults).toEqual([]);
  });

  test.each([
    ['import', "import { s } from '../store/s.js';\nexport const m = s;"],
    ['import type', "import type { S } from '../store/s.js';\nexport type M = S;"],
    ['inline type import', "import { type S } from '../store/s.js';\nexport type M = S;"],
    ['side effect', "import '../store/s.js';"],
    ['re-export', "export * from '../store/s.js';"],
    ['dynamic import', "export const m = () => import('../store/s.js');"],
    ['dynamic import of a template', 'export const m = () => import(`../store/s.js`);'],
    ['type of an import', "export type M = import('../store/s.js').S;"],
    ['require', "export const m = require('../store/s.js');"],
    ['import equals', "import s = require('../store/s.js');\nexport const m = s;"],
  ])('rejects a forbidden arrow written as: %s', (_form, text) => {
    const faults = check({ 'lib/model/m.ts': text, 'lib/store/s.ts': 'export const s = 1;\nexport type S = 1;' });
    expect(faults).toEqual([
      "lib/model/m.ts:1: imports '../store/s.js', a file of store, but model may import: nothing",
    ]);
  });

  test('ignores text that looks like an import', () => {
    const text =
      "// import '../store/s.js'\nexport const m = \"import '../store/s.js'\";\nexport const n = /import 'x'/;";
    expect(check({ 'lib/model/m.ts': text })).toEqual([]);
  });

  test('rejects nest reaching past the public entry, naming what is allowed', () => {
    expect(check({ 'lib/model/m.ts': '', 'nest/x/y.ts': "import '../../lib/model/m.js';" })).toEqual([
      "nest/x/y.ts:1: imports '../../lib/model/m.js', a file of model, but nest may import: index.ts",
    ]);
  });

  test('rejects a folder that is missing from the table', () => {
    const [fault, ...rest] = check({ 'lib/util/u.ts': 'export const u = 1;' });
    expect(fault).toMatch(/^lib\/util\/u\.ts: "util" is not a layer; the table knows model, store,/);
    expect(rest).toEqual([]);
  });

  test('rejects a package at run time and a file outside lib and nest', () => {
    expect(check({ 'lib/model/m.ts': "\nimport 'left-pad';\nimport '../../test/x.js';" })).toEqual([
      "lib/model/m.ts:2: imports 'left-pad', but model may import from outside: node:*",
      "lib/model/m.ts:3: imports '../../test/x.js', which is not a source file (test/x.ts) of lib/ or nest, otel",
    ]);
  });

  test('finds cycles, type-only ones and self-imports included', () => {
    const faults = check({
      'lib/model/a.ts': "import { b } from './b.js';\nexport const a = () => b;",
      'lib/model/b.ts': "import type { C } from './sub/c.js';\nexport const b: C = 1;",
      'lib/model/sub/c.ts': "import { a } from '../a.js';\nexport type C = number;\nexport const c = a;",
      'lib/model/self.ts': "export * from './self.js';",
    });
    expect(faults).toEqual([
      'import cycle: lib/model/a.ts -> lib/model/b.ts -> lib/model/sub/c.ts -> lib/model/a.ts',
      'import cycle: lib/model/self.ts -> lib/model/self.ts',
    ]);
  });
});
