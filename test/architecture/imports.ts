import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';

/** One import in a source file, as written there. */
export interface Import {
  specifier: string;
  line: number;
}

/** The `.ts` files under a folder, as sorted `/`-separated paths relative to `root`; none if the folder is missing. */
export function sourceFiles(root: string, folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => /\.[cm]?tsx?$/.test(entry) && !entry.endsWith('.d.ts'))
    .map((entry) => join(folder, entry).split(sep).join('/'))
    .sort();
}

/**
 * Every import of a file, whatever its form: `import`, `import type`, `export … from`, `import x = require()`, dynamic
 * `import()`, `require()`, and `import('…')` in a type.
 */
export function importsOf(root: string, file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push({ specifier, line: line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isExternalModuleReference(node)) return textOf(node.expression);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return textOf(node.argument.literal);
  if (ts.isCallExpression(node) && isLoader(node.expression)) return textOf(node.arguments[0]);
  return undefined;
}

function isLoader(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

/** The file that a relative specifier refers to, as a path relative to `root`. */
export function resolveFrom(file: string, specifier: string): string {
  const target = join(file, '..', specifier).split(sep).join('/');
  return relative('.', target.replace(/\.([cm]?)js$/, '.$1ts'))
    .split(sep)
    .join('/');
}
