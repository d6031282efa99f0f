// Takes the screenshots of the live page in docs/images: light and dark for the README, and smaller sizes in both.
//
//   npm run demo                                         in another terminal, for a minute or two
//   node scripts/live-page-screenshots.mjs <its URL>
import { Buffer } from 'node:buffer';
import { writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { readCommandLine } from './program.mjs';

const SIZES = { desktop: [1280, 900], tablet: [820, 1180], phone: [390, 844] };

const URLS = { expected: 'the URL of a live page', accepts: (text) => URL.canParse(text) };
const {
  operands: [url],
} = readCommandLine(import.meta.url, { operands: { least: 1, most: 1, rule: URLS } });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
// Charts begin when the page is opened, so all screenshots are of one page.
const page = await browser.newPage();
const devtools = await page.context().newCDPSession(page);

/** A screenshot of the window, as WebP, which takes a third of the size of PNG. */
async function screenshot() {
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 88 });
  return Buffer.from(data, 'base64');
}

await page.goto(url);
await page.getByRole('heading', { name: 'Cardinality' }).waitFor();
await page.waitForTimeout(75_000);
const screenshots = {};
for (const [size, [width, height]] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await page.evaluate('scrollTo(0, 0)');
    // The charts are redrawn with the next samples.
    await page.waitForTimeout(3000);
    screenshots[`${size} ${colorScheme}`] = await screenshot();
  }
}
await writeFile('docs/images/live-page.webp', screenshots['desktop light']);
await writeFile('docs/images/live-page-dark.webp', screenshots['desktop dark']);

const small = ['tablet light', 'tablet dark', 'phone light', 'phone dark'].map(
  (name) => `<img height="760" src="data:image/webp;base64,${screenshots[name].toString('base64')}">`,
);
await page.setViewportSize({ width: 1900, height: 800 });
await page.setContent(
  `<body style="margin:0"><div style="display:flex;justify-content:center;gap:20px;padding:20px">${small.join('')}</div>`,
);
await page.waitForTimeout(500);
await writeFile('docs/images/live-page-sizes.webp', await screenshot());
await browser.close();
