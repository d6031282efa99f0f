import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { sourceFiles } from './imports.js';

const root = resolve(import.meta.dirname, '../..');

/** Programs of their own, and what only tests load. */
const APART = ['lib/cli/', 'lib/testing/', 'lib/processes/writer-thread.ts', 'lib/exporters/thread/server-thread.ts'];

test('what programs import loads built-in modules of Node on demand', () => {
  const files = ['lib', 'nest', 'otel'].flatMap((folder) => sourceFiles(root, folder));
  const eager = files
    .filter((file) => !APART.some((apart) => file.startsWith(apart)))
    .filter((file) => importsBuiltIn(readFileSync(join(root, file), 'utf8')));
  expect(eager).toEqual([]);
});

test.each([
  ["import { join } from 'node:path';", true],
  ["import fs, { type Stats } from 'node:fs';", true],
  ["import 'node:http';", true],
  ["import type { Server } from 'node:http';", false],
  ["import { type Server } from 'node:http';", false],
  ["import { a } from './path.js';", false],
])('%s: %s', (source, loads) => {
  expect(importsBuiltIn(source)).toBe(loads);
});

/** Whether a source imports a value from a built-in module. */
function importsBuiltIn(text: string): boolean {
  return ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest).statements.some((statement) => {
    if (!ts.isImportDeclaration(statement)) return false;
    const { importClause: clause, moduleSpecifier } = statement;
    if (!(moduleSpecifier as ts.StringLiteral).text.startsWith('node:')) return false;
    if (clause === undefined) return true;
    if (clause.isTypeOnly) return false;
    const named = clause.namedBindings;
    return (
      clause.name !== undefined || !named || !ts.isNamedImports(named) || named.elements.some((e) => !e.isTypeOnly)
    );
  });
}
