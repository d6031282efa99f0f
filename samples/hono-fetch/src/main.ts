import { app } from './app.js';

// Asks the app as a server would, twice and for its page: `npm start` needs no server of any runtime.
for (const path of ['/', '/', '/metrics']) {
  const response = await app.request(path);
  console.log(await response.text());
}
