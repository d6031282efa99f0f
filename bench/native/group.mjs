import error from './error.mjs';
import memory from './memory.mjs';
import observe from './observe.mjs';
import protobuf from './protobuf.mjs';

/** Native histograms, and the format that carries them. */
export default { cases: [observe, error, ...memory, ...protobuf] };
