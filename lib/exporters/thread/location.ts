/**
 * Where the server thread's program is, which the build puts beside both builds of the package. In the one for CommonJS
 * this file has another text (scripts/build.mjs), because `import.meta` does not exist there.
 */
export function threadProgram(): URL {
  // biome-ignore lint/suspicious/noTsIgnore: an error in one of two builds only
  // @ts-ignore
  return new URL('../../../../server-thread.cjs', import.meta.url);
}
