import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';
import { repository } from '../support/processes.js';
import { pages } from './blocks.js';

const read = (page: string): string => readFileSync(join(repository, page), 'utf8');

/** The anchors of a page's headings, as registries and GitHub make them. */
const anchorsOf = (page: string): string[] =>
  Array.from(read(page).matchAll(/^#+ (.*)$/gm), ([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  );

/** What `files` in the manifest puts into the package, next to the README. */
const isPublished = (file: string): boolean =>
  ['README.md', 'CHANGELOG.md', 'LICENSE'].includes(file) ||
  /^docs\/([^/]+\.md|images\/[^/]+\.(?:svg|webp))$/.test(file);

test('links of the README and the docs lead to files of the package, and to headings that exist', () => {
  const published = pages().filter((page) => !page.startsWith('samples/'));
  const links = published.flatMap((page) =>
    Array.from(read(page).matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => ({ page, target })),
  );
  expect(links.length).toBeGreaterThan(100);
  const broken = links.filter(({ page, target }) => {
    if (/^https?:/.test(target)) return false;
    const [path, anchor] = target.split('#');
    const file = path === '' ? page : normalize(join(dirname(page), path));
    return !isPublished(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
  });
  expect(broken).toEqual([]);
});
