// Node has an entry point of its own, `index.node.js`, and one file with the chunks that every program needs, `node.js`.
// For the other chunks it has functions that load them when they are first called. Bundlers, Bun and Deno get the chunks
// themselves, by the conditions in package.json. docs/decisions/0010-a-bundled-package.md explains why.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rollup } from 'rollup';
import { parseAst } from 'rollup/parseAst';

/**
 * A Rollup plugin for both formats. Programs load the `eager` chunks in one file, and a `lazy` one when they first call one
 * of its functions. Chunks import both by names such as `#register`, which package.json resolves. `loadedWith` lists the
 * lazy chunks that a chunk imports directly, and `commonJs` the chunks whose code is in the file of another one in
 * CommonJS.
 */
export function nodeEntry({ eager, lazy, loadedWith, commonJs }) {
  const fileOf = (name) => commonJs[name] ?? name;
  const isLoadedWith = (name, other) => name === other || loadedWith[name]?.includes(other) === true;
  /** The names that are imported from each chunk. They are read off the ES modules, which are written first. */
  const imported = new Map([...eager, ...lazy].map((name) => [name, new Set()]));
  return {
    name: 'node-entry',
    generateBundle({ format }, bundle) {
      const chunks = Object.values(bundle);
      if (format === 'cjs') {
        for (const chunk of chunks) {
          const own = [chunk.name, ...(loadedWith[chunk.name] ?? [])].map(fileOf);
          chunk.code = loadLazily(
            chunk.code,
            lazy.map(fileOf).filter((file) => !own.includes(file)),
          );
        }
        const files = [...new Set(lazy.map(fileOf))].map((name) => [name, bundle[`${name}.cjs`].exports]);
        this.emitFile({ type: 'asset', fileName: 'lazy.cjs', source: commonJsOf(files) });
        return;
      }
      for (const [name, names] of imported) {
        const functions = functionsOf(bundle[`${name}.js`].code);
        for (const chunk of chunks.filter((other) => !isLoadedWith(other.name, name))) {
          for (const member of namesFrom(`./${name}.js`, chunk.code)) {
            if (lazy.includes(name) || !eager.includes(chunk.name)) names.add(member);
            if (lazy.includes(name) && !functions.has(member)) {
              this.error(`${chunk.fileName} imports ${member} from ${name}, which is not a function`);
            }
          }
          chunk.code = chunk.code.replaceAll(`from"./${name}.js"`, `from"#${name}"`);
        }
      }
      // No module has side effects. For Node, a chunk that is imported for them would be a second copy of what is in node.js.
      for (const chunk of chunks) chunk.code = chunk.code?.replaceAll(/^import"\.\/[\w-]+\.js";?\n/gm, '');
    },
    /** Writes the entry points for Node. Call it when the chunks are written. */
    async write(dist) {
      const exported = eager.flatMap((name) => [...imported.get(name)]);
      const duplicates = exported.filter((name, at) => exported.indexOf(name) !== at);
      if (duplicates.length > 0) throw new Error(`Several chunks export ${duplicates.join(', ')}.`);
      const bundle = await rollup({
        input: 'entry',
        makeAbsoluteExternalsRelative: false,
        plugins: [sources(dist, imported, lazy, fileOf)],
        treeshake: { moduleSideEffects: false },
      });
      await bundle.write({ file: join(dist, 'node.js'), generatedCode: 'es2015' });
      await bundle.close();
      const named = await readFile(join(dist, 'named.js'), 'utf8');
      await writeFile(join(dist, 'index.node.js'), `${named.replace(/"#\w+"/g, '"./node.js"')}${SELF}`);
    },
  };
}

/** The default export, an object with all names. Bundlers can only tree-shake it from a file of its own, `named.js`. */
const SELF = `import * as all from './index.node.js';\nexport { all as default };\n`;

/** The parts of `node.js`. */
function sources(dist, imported, lazy, fileOf) {
  return {
    name: 'node-entry-sources',
    resolveId(id) {
      if (id === 'entry' || id === 'lazy') return id;
      if (!id.startsWith('#')) return { id, external: true };
      return lazy.includes(id.slice(1)) ? 'lazy' : join(dist, `${id.slice(1)}.js`);
    },
    load(id) {
      if (id === 'lazy') return functionsThatLoad(lazy, imported, fileOf);
      if (id !== 'entry') return null;
      return Array.from(imported, ([name, names]) => `export { ${[...names].join(', ')} } from '#${name}';`).join('\n');
    },
  };
}

/**
 * `require` of an ES module returns the same module as `import`. Where it is not supported, as in Jest, the CommonJS build
 * is loaded instead: copies of promark share their state.
 */
function functionsThatLoad(lazy, imported, fileOf) {
  const functions = lazy.flatMap((part) => [
    `let ${part};`,
    `const ${part}Part = () => (${part} ??= load(() => require('./${part}.js'), () => require('./${fileOf(part)}.cjs')));`,
    ...Array.from(
      imported.get(part),
      (name) => `export function ${name}(...args) { return ${part}Part().${name}(...args); }`,
    ),
  ]);
  return `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
function load(part, commonJs) {
  try {
    return part();
  } catch (error) {
    try {
      return commonJs();
    } catch (cause) {
      if (cause.code !== 'MODULE_NOT_FOUND') throw error;
      throw new Error('Part of promark is missing. If a bundler has omitted it, enable the condition "module" of package ' +
        'exports, or mark promark as external.', { cause });
    }
  }
}
${functions.join('\n')}
`;
}

/** Returns the same functions as CommonJS, for all exports of these files. */
function commonJsOf(files) {
  const all = files.flatMap(([, names]) => names);
  const twice = all.filter((name, at) => all.indexOf(name) !== at);
  if (twice.length > 0) throw new Error(`Several files export ${twice.join(', ')}.`);
  const functions = files.flatMap(([file, names]) =>
    names.map(
      (name) => `exports.${name} = function ${name}(...args) { return require('./${file}.cjs').${name}(...args); };`,
    ),
  );
  return `'use strict';\n${functions.join('\n')}\n`;
}

function loadLazily(code, lazy) {
  return lazy.reduce((loaded, name) => loaded.replaceAll(`require("./${name}.cjs")`, 'require("./lazy.cjs")'), code);
}

/** The names that a module imports or re-exports from a file. */
function namesFrom(file, code) {
  return parseAst(code)
    .body.filter(({ source }) => source?.value === file)
    .flatMap(({ specifiers }) => specifiers.map(({ imported, local }) => (imported ?? local).name));
}

/** The functions that a module declares. */
function functionsOf(code) {
  const declared = parseAst(code).body.filter(({ type }) => type === 'FunctionDeclaration');
  return new Set(declared.map(({ id }) => id.name));
}
