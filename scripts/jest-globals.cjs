/**
 * Globals that modules look up once, when they are loaded: in a context of Node's vm module, such as Jest makes for each
 * test file, a look-up takes as long as a hundred additions. Without those that tests replace, such as `Date`.
 */
exports.GLOBALS = [
  ...['Array', 'Math', 'Number', 'Object', 'Reflect', 'String', 'Symbol'],
  ...['Map', 'Set', 'WeakMap', 'WeakSet'],
  ...['Float64Array', 'Int32Array', 'Uint8Array', 'Uint32Array', 'DataView'],
  ...['Atomics', 'Buffer', 'JSON', 'Promise'],
];
