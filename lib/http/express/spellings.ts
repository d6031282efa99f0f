/** More places than a program has, unless it mounts a router at a regular expression. */
const MOST = 1000;

/** What stands for places beyond those. */
const OTHERS = '/*';

/**
 * How the places of an app are spelled. Express finds `/api` for `/API` as well and tells only what the client wrote:
 * each way to write it would be a series.
 */
export class Spellings {
  private readonly known = new Map<string, string>();

  /** The first spelling of a place that was met. */
  of(place: string): string {
    const folded = place.toLowerCase();
    const first = this.known.get(folded);
    if (first !== undefined) return first;
    if (this.known.size >= MOST) return OTHERS;
    this.known.set(folded, place);
    return place;
  }
}
