import { type Params, partTemplate } from './part-template.js';

/** What is known of a place that a request has come through. */
interface Place {
  readonly template: string;
  readonly params: Params;
}

const NO_PARAMS: Params = {};

/**
 * The templates of the places that a request has come through. A router tells only what it has taken from the path,
 * `/shops/42`, and the values that it has found there, `{ shop: '42' }`; the template is `/shops/:shop`.
 */
export class Mounts {
  private readonly places = new Map<string, Place>();

  /** A router leads from one place to one further in, having found these values between them. */
  enter(from: string, to: string, params: Params): void {
    const inherited = this.places.get(from)?.params ?? NO_PARAMS;
    const template = this.templateOf(from) + partTemplate(to.slice(from.length), params, inherited);
    this.places.set(to, { template, params });
  }

  /** The template of a place. */
  templateOf(place: string): string {
    return this.places.get(place)?.template ?? place;
  }
}
