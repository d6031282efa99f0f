// Stands for the program of a server's thread: asks at once, and listens only when it is answered. That it hears of the
// other thread meanwhile it tells as a fault.
const { parentPort } = require('node:worker_threads');

parentPort.on('message', ({ kind }) => {
  if (kind === 'pong') parentPort.postMessage({ kind: 'fault', where: 'a sign of life', error: 'has come' });
  if (kind === 'answer') parentPort.postMessage({ kind: 'listening', port: 1, url: 'http://127.0.0.1:1/metrics' });
  if (kind === 'close') parentPort.close();
});
parentPort.postMessage({ kind: 'ask', id: 1, names: [] });
