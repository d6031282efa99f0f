import { collectDefaultMetrics } from 'promark';
import { createApp } from './app.js';
import { portFrom } from './port.js';

collectDefaultMetrics();

const app = createApp();
const url = await app.listen({ port: portFrom('PORT', 3000), host: '127.0.0.1' });
console.log(`The shop is open at ${url}, its metrics are at ${url}/metrics`);
process.once('SIGTERM', () => app.close());
