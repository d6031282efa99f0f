const { existsSync } = require('node:fs');
const { dirname, join } = require('node:path');

// Sources import each other as `./x.js`, the name the build gives them; under Jest the file is still `./x.ts`.
const ownSource = /^\.{1,2}\/.*\.js$/;

const root = dirname(__dirname);
const lib = join(root, 'lib/');
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
  if (!file.startsWith(lib) || !file.endsWith('.ts')) return file;
  const bundle = join(bundles, file.slice(lib.length).replace(/\.ts$/, '.mjs'));
  return existsSync(bundle) ? bundle : file;
}
