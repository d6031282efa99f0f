// Stands in for the program of a server's thread: requests a refresh at once, and listens once it has the response. It
// reports as a fault that the other thread has responded to the ping meanwhile.
const { parentPort } = require('node:worker_threads');

parentPort.on('message', ({ kind }) => {
  if (kind === 'pong') parentPort.postMessage({ kind: 'fault', where: 'a sign of life', error: 'has come' });
  if (kind === 'refreshed') parentPort.postMessage({ kind: 'listening', port: 1, url: 'http://127.0.0.1:1/metrics' });
  if (kind === 'close') parentPort.close();
});
parentPort.postMessage({ kind: 'refresh', id: 1, names: [] });
