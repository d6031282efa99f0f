import { portFrom } from './port.js';
import { startShop } from './start-shop.js';

const { app, url } = await startShop(portFrom('PORT', 3000));
app.enableShutdownHooks();
console.log(`The shop is open at ${url}, its metrics are at ${url}/metrics`);
