const { existsSync } = require('node:fs');
const { dirname, join } = require('node:path');

// Sources import each other as `./x.js`, the name the build gives them; under Jest the file is still `./x.ts`.
const ownSource = /^\.{1,2}\/.*\.js$/;

const root = dirname(__dirname);
const bundles = join(root, 'node_modules/.cache/jest-sources');

module.exports = (request, options) => bundled(resolve(request, options));

function resolve(request, options) {
  if (ownSource.test(request) && !options.basedir.includes('node_modules')) {
    try {
      return options.defaultResolver(request.replace(/\.js$/, '.ts'), options);
    } catch {
      // Not TypeScript.
    }
  }
  return options.defaultResolver(request, options);
}

/** Returns the module that scripts/jest-sources.mjs has written for a source, or the file itself if there is none. */
function bundled(file) {
  const source = file.startsWith(root) ? /^\/(lib|nest)\/(.*)\.ts$/.exec(file.slice(root.length)) : null;
  if (source === null) return file;
  const [, folder, name] = source;
  const bundle = join(bundles, folder, `${name}.${folder === 'lib' ? 'cjs' : 'mjs'}`);
  return existsSync(bundle) ? bundle : file;
}
