import { builtin } from '../model/load-at-runtime.js';

/** The live page, ready to send. It is the same for every server; only its data differs. */
export interface LiveDocument {
  /** With gzip. */
  readonly compressed: Buffer;
  readonly plain: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The location of the page: next to this module, both in the package and in a bundle that includes it, and in the
 * sources, where Jest builds it before a run.
 */
export const livePageFile = { locate: (): URL => new URL('./live-page.html.gz', import.meta.url) };

/** Reads the page. Throws if its file is missing, as in a bundle that does not include it. */
export function readLiveDocument(): LiveDocument {
  const { createHash } = builtin('node:crypto');
  const compressed = builtin('node:fs').readFileSync(livePageFile.locate());
  const plain = builtin('node:zlib').gunzipSync(compressed);
  const text = plain.toString();
  const hashes = (tag: string) =>
    [...text.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, 'g'))]
      .map(([, content]) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`)
      .join(' ');
  const policy = [
    "default-src 'none'",
    `script-src ${hashes('script')}`,
    `style-src ${hashes('style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
  return {
    compressed,
    plain,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      // Browsers revalidate it each time, and usually get 304.
      'Cache-Control': 'no-cache',
      ETag: `"${createHash('sha256').update(compressed).digest('base64url').slice(0, 16)}"`,
      Vary: 'Accept, Accept-Encoding',
    },
  };
}

/** The program's name on the page: the name and version of its package, or its file name. */
export function programTitle(): string {
  const file = process.argv[1] ?? 'node';
  const { basename, dirname, join } = builtin('node:path');
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(
        builtin('node:fs').readFileSync(join(folder, 'package.json'), 'utf8'),
      ) as Record<string, unknown>;
      if (typeof name === 'string') return typeof version === 'string' ? `${name} ${version}` : name;
    } catch {
      // Missing or unreadable; try the parent folder.
    }
    if (dirname(folder) === folder) return basename(file);
  }
}
