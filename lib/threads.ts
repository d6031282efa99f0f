export { publishThread } from './replica/threads/publish-thread.js';
export { mergeThreads } from './replica/threads/thread-sources.js';
