/** Where the two text formats differ in how a line is written. */
export interface Grammar {
  /** Tokens may stand apart by any number of blanks and tabs; else by single spaces where the grammar has them. */
  readonly blanks: boolean;
  /** A comma may stand behind the last label. */
  readonly trailingComma: boolean;
  /** A backslash before a character that needs none stands for itself; else it is an error. */
  readonly unknownEscapes: boolean;
  /** A double quote in a help text may be escaped. */
  readonly helpQuoteEscape: boolean;
  /** A double quote in a help text may stand there as it is. */
  readonly helpQuoteBare: boolean;
  /** The line that may end the page without a line feed. */
  readonly openEnd?: string;
}

/** Text 0.0.4 (Prometheus documentation, Exposition formats, Text format details). */
export const TEXT: Grammar = {
  blanks: true,
  trailingComma: true,
  unknownEscapes: false,
  helpQuoteEscape: false,
  helpQuoteBare: true,
};

/** OpenMetrics 1.0, sections ABNF and Escaping, with what its own conformance pages make a parser take. */
export const OPENMETRICS: Grammar = {
  blanks: false,
  trailingComma: false,
  unknownEscapes: true,
  helpQuoteEscape: true,
  helpQuoteBare: true,
  // ABNF: exposition = metricset HASH SP eof [ LF ].
  openEnd: '# EOF',
};

/** OpenMetrics 1.0 as an exposer has to write it. */
export const OPENMETRICS_EXPOSED: Grammar = { ...OPENMETRICS, unknownEscapes: false, helpQuoteBare: false };
