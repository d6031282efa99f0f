import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics } from 'promark';
import { app } from './app.js';
import { portFrom } from './port.js';

collectDefaultMetrics();

const server = app.listen(portFrom('PORT', 3000), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`The shop is open at http://127.0.0.1:${port}, its metrics are at http://127.0.0.1:${port}/metrics`);
});
process.once('SIGTERM', () => server.close());
