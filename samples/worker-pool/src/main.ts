import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startHttpServer } from 'promark';
import './metrics.js';
import { Pool } from './pool.js';

const { PORT = '3000', METRICS_PORT = '9100' } = process.env;
const pool = new Pool(4);
const metrics = await startHttpServer(Number(METRICS_PORT));

const server = createServer(async (request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const answer = await pool.hash(searchParams.get('password') ?? '');
  response.writeHead(answer.error === undefined ? 200 : 400, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
});

server.listen(Number(PORT), () => {
  const { port } = server.address() as AddressInfo;
  console.log(`Hashing at http://localhost:${port}/hash?password=secret, metrics at ${metrics.url}`);
});

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await pool.close();
  await metrics.close();
});
