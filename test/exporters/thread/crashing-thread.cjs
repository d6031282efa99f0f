// Stands for the program of a server's thread: listens, and ends with an error at the first connection.
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');

const server = createServer(() => {
  throw new Error('crashed on purpose');
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  parentPort.postMessage({ kind: 'listening', port, url: `http://127.0.0.1:${port}/metrics` });
});
