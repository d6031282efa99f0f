declare module 'core-decorators' {
  /** For methods and for classes, in the legacy dialect. */
  export const autobind: any;
}
