import type { FamilySnapshot } from '../lib/index.js';

/** Where families come from: a registry. */
export interface FamilySource {
  /** What all families say at this moment; each sample with the time when its series began, if that is asked for. */
  gather(options: { readonly created: true }): Promise<readonly FamilySnapshot[]>;
}
