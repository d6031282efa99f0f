import imports from '../cases/import.mjs';
import incChild from '../cases/inc-child.mjs';
import incLabels from '../cases/inc-labels.mjs';
import memory from '../cases/memory.mjs';
import nativeError from '../cases/native-error.mjs';
import nativeMemory from '../cases/native-memory.mjs';
import nativeObserve from '../cases/native-observe.mjs';
import observe from '../cases/observe.mjs';
import pages from '../cases/pages.mjs';
import protobuf from '../cases/protobuf.mjs';
import summary from '../cases/summary.mjs';
import summaryError from '../cases/summary-error.mjs';

/**
 * All measurements. A case has a name; the contenders that take part; `run(contender, options)`, which measures in a
 * process of its own and gives numbers by name; and rows, which say what is shown of the numbers and what they should
 * be. A row compares promark's number `against`
 * - `peers`: each peer's number of the same name; `atLeast` is how many times as fast, `atMost` how much of it;
 * - `limit`: that of the bare loop;
 * - `own`: promark's own number called `limit`;
 * - `itself`: nothing; `atMost` is in the row's unit.
 */
export const CASES = [
  incChild,
  incLabels,
  observe,
  nativeObserve,
  summary,
  summaryError,
  nativeError,
  ...pages,
  ...protobuf,
  ...memory,
  ...nativeMemory,
  imports,
];
