import bundle from './bundle.mjs';
import growth from './growth.mjs';
import imports from './import.mjs';
import incChild from './inc-child.mjs';
import incLabels from './inc-labels.mjs';
import memory from './memory.mjs';
import numbers from './numbers.mjs';
import observe from './observe.mjs';
import pages from './pages.mjs';
import series from './series.mjs';
import summary from './summary.mjs';
import summaryError from './summary-error.mjs';
import timers from './timers.mjs';

/** Recording, pages, memory and loading. */
export default {
  cases: [
    incChild,
    ...incLabels,
    observe,
    summary,
    summaryError,
    timers,
    ...series,
    ...pages,
    ...memory,
    numbers,
    growth,
    ...imports,
    bundle,
  ],
};
