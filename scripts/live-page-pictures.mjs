// Takes the pictures of the live page in docs/images: three sizes, light and dark.
//
//   npm run demo                                         in another terminal, for a minute or two
//   node scripts/live-page-pictures.mjs <its address>
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
// Charts start when the page is opened, so all pictures use the same page.
const page = await browser.newPage();
await page.goto(url);
await page.getByRole('heading', { name: 'Cardinality' }).waitFor();
await page.waitForTimeout(75_000);
const shots = {};
for (const [size, [width, height]] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await page.evaluate('scrollTo(0, 0)');
    // The next sample redraws in the new size and colours.
    await page.waitForTimeout(2500);
    shots[`${size} ${colorScheme}`] = await page.screenshot();
  }
}
await writeFile('docs/images/live-page.png', shots['desktop light']);
await writeFile('docs/images/live-page-dark.png', shots['desktop dark']);

const sideBySide = ['tablet light', 'tablet dark', 'phone light', 'phone dark'].map(
  (name) => `<img height="760" src="data:image/png;base64,${shots[name].toString('base64')}">`,
);
await page.setViewportSize({ width: 1800, height: 800 });
await page.setContent(
  `<body style="margin:0"><div style="display:inline-flex;gap:20px;padding:20px">${sideBySide.join('')}</div>`,
);
await page.locator('div').screenshot({ path: 'docs/images/live-page-sizes.png' });
await browser.close();
