import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startHttpServer } from 'promark';
import './metrics.js';
import { Pool } from './pool.js';
import { portFrom } from './port.js';

const [port, metricsPort] = [portFrom('PORT', 3000), portFrom('METRICS_PORT', 9100)];
const pool = new Pool(4);
const metrics = await startHttpServer(metricsPort);

const server = createServer(async (request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const answer = await pool.hash(searchParams.get('password') ?? '');
  response.writeHead(answer.error === undefined ? 200 : 400, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
});

server.listen(port, () => {
  const address = server.address() as AddressInfo;
  console.log(`Hashing at http://localhost:${address.port}/hash?password=secret, metrics at ${metrics.url}`);
});

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await pool.close();
  await metrics.close();
});
