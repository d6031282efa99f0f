// The part of the server's thread that it loads when it needs it: other processes and threads on the page, and default
// metrics of a program that is blocked. Together they would double the time to compile its program.
export { GroupMerging } from '../../processes/group-merging.js';
export { FallbackCollectors } from '../../replica/fallback-collectors.js';
export { ThreadSources } from '../../replica/threads/thread-sources.js';
