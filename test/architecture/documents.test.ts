import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const { scripts, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Written by commands, and thus missing in a fresh clone. */
const GENERATED = /^(dist|reference)\//;

/** Folders whose files the documents name. */
const FOLDERS = ['.ci', 'bench', 'docs', 'lib', 'live-page', 'nest', 'otel', 'samples', 'scripts', 'test'];

const isInstalled = (entry: string) => entry.split(sep).some((part) => part === 'node_modules' || part === 'dist');

/** Every file and folder of the repository that a document may name; folders end with a slash. */
const paths = [
  ...readdirSync(root, { withFileTypes: true }).map((entry) => entry.name + (entry.isDirectory() ? '/' : '')),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).map(
      (entry) => join(entry.parentPath, entry.name).slice(root.length + 1) + (entry.isDirectory() ? '/' : ''),
    ),
  ).filter((entry) => !isInstalled(entry)),
].map((path) => path.split(sep).join('/'));

/** The code spans of a document, without those in fenced blocks. */
function codeSpans(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  return Array.from(text.matchAll(/`([^`\n]+)`/g), ([, span]) => span as string);
}

const isPath = (span: string) => /^[\w.*@/-]+(\/|\.([cm]?tsx?|mjs|md|json|cjs))$|^[\w.-]+\/[\w./-]+$/.test(span);

/** Whether a path exists as it stands, or ends that of a file: documents shorten paths in a folder that they have named. */
function exists(path: string): boolean {
  if (GENERATED.test(path) || exports[path.replace(/^promark/, '.')] !== undefined) return true;
  if (path.includes('*')) {
    const pattern = new RegExp(`(^|/)${path.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
    return paths.some((file) => pattern.test(file));
  }
  const ending = path.endsWith('.cjs') ? path.replace(/\.cjs$/, '.ts') : path;
  return paths.some((file) => file === ending || file === `${ending}/` || file.endsWith(`/${ending}`));
}

describe.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s', (document) => {
  const spans = codeSpans(document);

  test('names only files and folders that exist', () => {
    const named = spans.filter(isPath);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => !exists(path))).toEqual([]);
  });

  test('names only npm scripts that exist', () => {
    const named = spans.flatMap((span) => /npm (?:run )?([a-z]+)/.exec(span)?.[1] ?? []);
    const missing = named.filter((name) => scripts[name] === undefined && !['ci', 'install'].includes(name));
    expect(missing).toEqual([]);
  });
});

test('ARCHITECTURE.md names only classes, functions and members that exist', () => {
  const code = paths
    .filter((file) => /^(lib|nest|otel|live-page|test\/architecture)\/.*\.(ts|tsx)$/.test(file))
    .map((file) => readFileSync(join(root, file), 'utf8'));
  const words = new Set(code.flatMap((text) => text.match(/[\w$]+/g) ?? []));
  const named = codeSpans('ARCHITECTURE.md')
    .filter((span) => !isPath(span) && /^@?[A-Za-z][\w$]*(\.[\w$]+)*(\(.*\))?$/.test(span))
    .flatMap((span) => span.replace(/^@|\(.*$/g, '').split('.'));
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((name) => !words.has(name))).toEqual([]);
});
