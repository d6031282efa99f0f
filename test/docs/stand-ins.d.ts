// What the blocks of the docs take for granted in the reader's program.

/** Does what the program is for. */
declare function work(): Promise<void>;
