import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { expectSample, scrape } from 'promark/testing';

// One process without PM2, and so without the folder that several share.
test('the shop counts its orders and shows them', async () => {
  const file = new URL('./shop.js', import.meta.url).pathname;
  const shop = spawn(process.execPath, [file], { env: { ...process.env, PORT: '0' } });
  const [printed] = await once(shop.stdout, 'data');
  const url = /http:\S+/.exec(String(printed))?.[0] ?? '';
  await (await fetch(url)).text();
  await expectSample(await scrape(`${url}/metrics`), 'shop_orders_total', {}, 1);
  shop.kill();
  await once(shop, 'exit');
});
