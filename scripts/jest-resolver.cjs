// Sources import each other as `./x.js`, the name the build gives them; under Jest the file is still `./x.ts`.
const ownSource = /^\.{1,2}\/.*\.js$/;

module.exports = (request, options) => {
  if (ownSource.test(request) && !options.basedir.includes('node_modules')) {
    try {
      return options.defaultResolver(request.replace(/\.js$/, '.ts'), options);
    } catch {
      // It is a plain JavaScript file.
    }
  }
  return options.defaultResolver(request, options);
};
