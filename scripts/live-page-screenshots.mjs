// Takes the pictures of the live page in docs/images: light and dark for the README, and three sizes in both.
//
//   npm run demo                                         in another terminal, for a minute or two
//   node scripts/live-page-pictures.mjs <its address>
import { Buffer } from 'node:buffer';
import { writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const SIZES = { desktop: [1280, 900], tablet: [820, 1180], phone: [390, 844] };

const [url] = process.argv.slice(2);
if (url === undefined)
  throw new Error('Give the address of a live page: node scripts/live-page-pictures.mjs <address>');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
// The charts begin when the page is opened, so one page is opened for all pictures.
const page = await browser.newPage();
const devtools = await page.context().newCDPSession(page);

/** A picture of what the window shows: WebP takes a third of what PNG does. */
async function picture() {
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 88 });
  return Buffer.from(data, 'base64');
}

await page.goto(url);
await page.getByRole('heading', { name: 'Cardinality' }).waitFor();
await page.waitForTimeout(75_000);
const pictures = {};
for (const [size, [width, height]] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await page.evaluate('scrollTo(0, 0)');
    // The next samples draw in the new size and colours.
    await page.waitForTimeout(3000);
    pictures[`${size} ${colorScheme}`] = await picture();
  }
}
await writeFile('docs/images/live-page.webp', pictures['desktop light']);
await writeFile('docs/images/live-page-dark.webp', pictures['desktop dark']);

const others = ['tablet light', 'tablet dark', 'phone light', 'phone dark'].map(
  (name) => `<img height="760" src="data:image/webp;base64,${pictures[name].toString('base64')}">`,
);
await page.setViewportSize({ width: 1900, height: 800 });
await page.setContent(
  `<body style="margin:0"><div style="display:flex;justify-content:center;gap:20px;padding:20px">${others.join('')}</div>`,
);
await page.waitForTimeout(500);
await writeFile('docs/images/live-page-sizes.webp', await picture());
await browser.close();
