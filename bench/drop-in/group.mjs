import recording from './recording.mjs';
import registry from './registry.mjs';

/** The calls and label shapes that prom-client and `@prometheus-io/client` use in their own benchmarks. */
export default {
  cases: [...recording, ...registry],
  plan: { full: { rounds: 1, sampleMs: 5, samples: 80 } },
};
