import { type Browser, chromium, type Page } from 'playwright-core';

/** What a page was opened with, and what it complained of. */
export interface Opened {
  readonly page: Page;
  /** Errors of scripts and of the content security policy, and requests to other places than its own server. */
  readonly complaints: string[];
}

export interface Opening {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

/** Debian's Chromium without a window. */
export async function startBrowser(): Promise<Browser> {
  return chromium
    .launch({ executablePath: 'chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] })
    .catch(() =>
      chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] }),
    );
}

/** Opens an address in a page of its own. */
export async function open(browser: Browser, url: string, opening: Opening = {}): Promise<Opened> {
  const { width = 1280, height = 900, colorScheme = 'light' } = opening;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const target = request.url();
    if (!target.startsWith(new URL(url).origin) && !target.startsWith('data:')) complaints.push(`asked for ${target}`);
  });
  await page.goto(url);
  return { page, complaints };
}

/** Waits until the page shows a sample. */
export async function live({ page }: Opened): Promise<void> {
  await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
  await page.getByRole('heading', { name: 'Cardinality' }).waitFor();
}
