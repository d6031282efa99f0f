import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { analyse } from 'scslre';
import ts from 'typescript';
import { sourceFiles } from './imports.js';

const root = resolve(import.meta.dirname, '../..');

/** Slow only on long strings that nobody but the program, or the person who runs it, has chosen. */
const OWN_STRINGS = [
  "lib/cli/command.ts: /^Unknown option '(-*)([^']+)'/",
  'lib/cli/rules/slo.ts: /(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]|$)/g',
  'live-page/filter.ts: /[^\\s"]*"[^"]*"|\\S+/g',
  'live-page/numbers.ts: /\\.?0*e\\+?/',
  'nest/endpoint/controllers.ts: /^\\/+|\\/+$/g',
  'nest/endpoint/endpoint.service.ts: /\\/+$/',
];

test('no regular expression takes more than linear time on a string that a client or a target has chosen', () => {
  const files = ['lib', 'nest', 'otel', 'live-page'].flatMap((folder) => sourceFiles(root, folder));
  const slow = files.flatMap((file) => {
    const literals = regularExpressions(file);
    return literals.filter(isSuperlinear).map((literal) => `${file}: ${literal}`);
  });
  expect([...new Set(slow)].sort()).toEqual(OWN_STRINGS);
});

test.each([
  ['/\\/+$/', true],
  ['/^(\\d+\\.?\\d*)$/', true],
  ['/^(a+)+$/', true],
  ['/^\\d+(?:\\.\\d*)?$/', false],
  ['/[\\\\\\n]/g', false],
])('%s may take more than linear time: %s', (literal, slow) => {
  expect(isSuperlinear(literal)).toBe(slow);
});

function isSuperlinear(literal: string): boolean {
  const end = literal.lastIndexOf('/');
  return analyse({ source: literal.slice(1, end), flags: literal.slice(end + 1) }).reports.length > 0;
}

function regularExpressions(file: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest));
  return found;
}
