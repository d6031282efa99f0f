import { OPEN_METRICS_TYPE } from '../model/content-types.js';
import type { FamilySnapshot, Sample } from '../model/family.js';
import { type FamilySource, isSelected, type LiveFamily, snapshotSource } from '../model/live-family.js';
import { builtin } from '../model/load-at-runtime.js';
import { type SnapshotOptions, snapshotOf } from '../model/snapshot-of.js';
import { inSlices } from '../model/turn.js';
import { type Format, type LabelPairs, labelNameIn, type PreparedPage, type Variant } from './format.js';
import { manifest } from './json.js';
import { text } from './line-format.js';
import { type Negotiated, negotiate } from './negotiate.js';
import { GroupMemory, release, retain } from './prepared-groups.js';
import { openMetricsForGateways, openMetricsOfPromClient, plainText } from './prom-client-forms.js';

/** The families of a page, in three sections. */
export interface PageFamilies {
  /** The registry's metrics, in the order of their registration. */
  readonly metrics: readonly FamilySource[];
  /** What collectors yielded. */
  readonly collected: readonly FamilySource[];
  /** Families about the registry itself. */
  readonly trailing: readonly FamilySource[];
}

/** Settings that all pages of a registry share. */
export interface PageSettings {
  /** Prefix of all family names. */
  readonly prefix: string;
  /** Labels for every series that has no label of the same name. */
  readonly defaultLabels: LabelPairs;
  /** Whether OpenMetrics pages show when each series was created (`_created`). */
  readonly created: boolean;
  /** Whether OpenMetrics 2.0 is served to scrapers that ask for it. */
  readonly openMetrics2: boolean;
  /** Whether bounds are printed as `le="1"`, and all pages are in text 0.0.4. Default: false. */
  readonly plainBounds?: boolean;
}

/** Options of one page. */
export interface RenderOptions {
  /** The scraper's `Accept` header. Default: text 0.0.4. */
  readonly accept?: string | undefined;
  /** Names of families or samples to include (`?name[]=…`). Default: all families. */
  readonly names?: readonly string[];
  /** Whether samples of collectors show their timestamps. Pushgateway and textfiles refuse them. Default: true. */
  readonly timestamps?: boolean;
  /** Whose values the page shows. Default: those of all merged sources. */
  readonly scope?: PageScope;
  /**
   * Whether the page is pushed to a Pushgateway by a registry in OpenMetrics. `accept` then has no effect.
   * @internal
   */
  readonly isForGateway?: boolean;
}

/** Whose values a page shows: this thread alone, or this process with its worker threads. */
export type PageScope = 'thread' | 'process';

/**
 * Returns the renderer of a registry's pages. Node loads all formats when this is first called
 * (`scripts/node-entry.mjs`), so registries call it for their first page.
 */
export function createPageRenderer(settings: PageSettings): PageRenderer {
  return new PageRenderer(settings);
}

/** Renders the pages of one registry, in its own or another thread, and caches their bytes for the next ones. */
export class PageRenderer {
  private readonly cache = new PageCache();
  private readonly joined: GroupMemory[] = [];

  constructor(private current: PageSettings) {}

  get settings(): PageSettings {
    return this.current;
  }

  /** Replaces the settings, and drops all cached bytes if they differ. */
  set settings(settings: PageSettings) {
    if (this.current === settings) return;
    this.current = settings;
    this.cache.clear();
  }

  /** Renders the selected families in the format and with the escaping that the `Accept` header asks for. */
  async render(
    families: PageFamilies,
    { accept, names, timestamps = true, isForGateway }: RenderOptions,
  ): Promise<Page> {
    const selected = inOrder(families).filter((family) => isSelected(family, this.current.prefix, names));
    const shown = timestamps ? selected : selected.map(withoutTimestamps);
    if (isForGateway) return this.renderIn(withEscapedNames(openMetricsForGateways), shown);
    const { openMetrics2, plainBounds } = this.current;
    const negotiated = negotiate(accept, openMetrics2);
    if (!plainBounds || negotiated.format === manifest) return this.renderIn(negotiated, shown);
    return this.renderIn({ ...negotiate(undefined), format: plainText }, shown);
  }

  /**
   * Renders families as `metrics()` shows them: in the registry's own format, text or OpenMetrics.
   *
   * @param isWhole Whether to write the end of the page. Default: true.
   */
  renderOwn(families: readonly FamilySource[], contentType: string, isWhole = true): Promise<Page> {
    const chosen = contentType === OPEN_METRICS_TYPE ? openMetricsOfPromClient : text;
    const format = this.current.plainBounds ? plainText : chosen;
    return this.renderIn(withEscapedNames(isWhole ? format : { ...format, end: '' }), families);
  }

  /**
   * Renders families in a given format. A long page is rendered in slices, so that the event loop never waits for more
   * than a few milliseconds; changes in the meantime may show in later families.
   */
  async renderIn({ format, escaping, contentType }: Negotiated, families: readonly FamilySource[]): Promise<Page> {
    const { prefix, defaultLabels, created } = this.current;
    const builder = new PageBuilder(this.joined);
    const shown = format.withDistinctNames?.(families) ?? families;
    builder.addText(format.begin);
    await inSlices(this.writing(shown, format, { escaping, created, prefix, defaultLabels }, builder));
    builder.addText(format.end);
    return builder.finish(contentType);
  }

  /** Returns a snapshot of a family with the prefix and the default labels. */
  snapshot(family: FamilySource, options?: SnapshotOptions): FamilySnapshot {
    const snapshot = snapshotOf(family, options);
    const { prefix, defaultLabels } = this.current;
    if (prefix === '' && defaultLabels.length === 0) return snapshot;
    const common = Object.fromEntries(defaultLabels);
    const labelsIn = (labels: Sample['labels']) =>
      Object.fromEntries(
        Object.entries(labels).map(([name, value]) => [labelNameIn({ prefix }, snapshot, name), value]),
      );
    const samples = snapshot.samples.map((sample) => ({
      ...sample,
      name: prefix + sample.name,
      labels: { ...common, ...labelsIn(sample.labels) },
    }));
    return { ...snapshot, name: prefix + snapshot.name, samples };
  }

  /** Adds families to a page, step by step. */
  private *writing(
    families: readonly FamilySource[],
    format: Format,
    variant: Variant,
    builder: PageBuilder,
  ): Generator<void> {
    const pages = this.cache.pagesIn(format, variant);
    const between = format.between === undefined ? undefined : Buffer.from(format.between);
    for (let i = 0; i < families.length; i++) {
      const family = families[i];
      if (i > 0 && between !== undefined) builder.add(between);
      if (family.kind === 'snapshot') builder.add(format.write(family.snapshot(), variant, family));
      else {
        let page = pages.get(family);
        if (page === undefined) {
          page = format.prepare(family, variant);
          pages.set(family, page);
        }
        const pieces = page.pieces();
        // Those of an array are finished.
        if (Array.isArray(pieces)) for (let p = 0; p < pieces.length; p++) builder.add(pieces[p]);
        else {
          for (const piece of pieces) {
            builder.add(piece);
            yield;
          }
        }
      }
      yield;
    }
  }
}

/** For requests that name no escaping scheme: only scrapers that name one understand quoted names. */
function withEscapedNames(format: Format): Negotiated {
  return { format, escaping: 'underscores', contentType: format.contentType };
}

/** Returns the families in page order. */
export function inOrder<F>(families: { readonly [section in keyof PageFamilies]: readonly F[] }): F[] {
  return [...families.metrics, ...families.collected, ...families.trailing];
}

function withoutTimestamps(family: FamilySource): FamilySource {
  if (family.kind === 'live') return family;
  const snapshot = family.snapshot();
  return snapshotSource({ ...snapshot, samples: snapshot.samples.map(({ timestamp: _, ...sample }) => sample) });
}

/** Number of formats and variants whose bytes are cached. Two scrapers with different ones are common. */
const MAX_CACHED = 2;

/** The prepared pages of families, for the formats and variants that were last requested. */
class PageCache {
  private readonly pages = new Map<string, WeakMap<LiveFamily, PreparedPage>>();

  /** Removes everything, because names or default labels have changed. */
  clear(): void {
    this.pages.clear();
  }

  /** The prepared pages of families in one format and variant. */
  pagesIn({ contentType, form = '' }: Format, { escaping, created }: Variant): WeakMap<LiveFamily, PreparedPage> {
    const key = `${contentType} ${form} ${escaping} ${created}`;
    const pages = this.pages.get(key) ?? new WeakMap<LiveFamily, PreparedPage>();
    // Inserted again to keep the map in order of last use.
    this.pages.delete(key);
    this.pages.set(key, pages);
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= MAX_CACHED) break;
      this.pages.delete(oldest);
    }
    return pages;
  }
}

/** A finished page, as bytes. They are shared with later pages and must not be written to. */
export class Page {
  private isReleased = false;

  constructor(
    /** The whole `Content-Type`. */
    readonly contentType: string,
    /**
     * The page in chunks of some ten thousand bytes, in order. Prefer these for sending, because they are not copied.
     */
    readonly chunks: readonly Uint8Array[],
  ) {}

  /**
   * Allows later pages to reuse the memory of this one, which saves most of the copying. Call it when the page has been
   * sent and its bytes are no longer read. Pages that are never released keep their bytes.
   *
   * @example
   * const page = await register.render(request.headers.accept);
   * response.writeHead(200, { 'Content-Type': page.contentType }).end(page.body, () => page.release());
   */
  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    for (const chunk of this.chunks) release(chunk);
  }

  /** Length of the page in bytes. */
  get length(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** A copy of the page as one buffer. */
  get body(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  /** The page as a string. */
  get text(): string {
    const { isAscii } = builtin('node:buffer');
    let page = '';
    // Chunks end at line ends, so they can be decoded one by one; a streaming decoder would take several times as long.
    for (const { buffer, byteOffset, length } of this.chunks) {
      const bytes = Buffer.from(buffer, byteOffset, length);
      page += bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
    }
    return page;
  }
}

/**
 * Small pieces are joined up to this size, so that a page of many small families takes a few writes instead of
 * hundreds.
 */
const CHUNK_BYTES = 64 * 1024;

/** Number of joined chunks of a page whose memory is kept for later pages. */
const MAX_JOINED = 4;

/** Collects the pieces of a page. Their bytes must have been passed to `retain`. */
class PageBuilder {
  private readonly chunks: Uint8Array[] = [];
  private small: Uint8Array[] = [];
  private smallLength = 0;
  /** Number of chunks that were joined from small pieces. */
  private joins = 0;

  constructor(
    /** Memory for joined chunks, reused once no page uses it. */
    private readonly joined: GroupMemory[],
  ) {}

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    if (piece.length >= CHUNK_BYTES / 4) {
      this.flush();
      this.chunks.push(piece);
      return;
    }
    this.small.push(piece);
    this.smallLength += piece.length;
    if (this.smallLength >= CHUNK_BYTES) this.flush();
  }

  /** Adds a string, which most formats leave empty. */
  addText(text = ''): void {
    if (text !== '') this.add(Buffer.from(text));
  }

  finish(contentType: string): Page {
    this.flush();
    return new Page(contentType, this.chunks);
  }

  private nextChunk(length: number): Uint8Array {
    if (this.joins === MAX_JOINED) return Buffer.allocUnsafeSlow(length);
    this.joined[this.joins] ??= new GroupMemory();
    return this.joined[this.joins++].take(length);
  }

  private flush(): void {
    if (this.smallLength === 0) return;
    const chunk = this.nextChunk(this.smallLength);
    let at = 0;
    for (const piece of this.small) {
      chunk.set(piece, at);
      at += piece.length;
      release(piece);
    }
    retain(chunk);
    this.chunks.push(chunk);
    this.small = [];
    this.smallLength = 0;
  }
}
