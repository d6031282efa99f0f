import { type OptionRule, type OptionRules, rule } from '../model/options.js';
import type { ServerAuth } from './auth.js';
import { pathRule } from './scrape-request.js';

/** Methods allowed by default. */
export const READ_METHODS = ['GET', 'HEAD'] as const;

/** Options of `metricsHandler`. */
export interface MetricsHandlerOptions {
  /**
   * Maximum number of pages rendered at the same time, and of pages being sent; 1 or more. Further requests wait to be
   * rendered. If too many pages are being sent, the client that has kept the server waiting longest is disconnected.
   * Default: 100. Regardless of this option, a connection with more than 4 unanswered requests is closed.
   */
  readonly maxScrapes?: number;
  /** Milliseconds a client may take to read a response before it is disconnected. Default: 60 000. */
  readonly sendTimeoutMs?: number;
  /**
   * The path at which browsers get the live page, such as `/live`, and below it, at `/live/live.json`, its data. Only
   * the end of a request's path is compared. Other clients get the metrics there too. Default: no page.
   */
  readonly page?: string;
  /** The clients that may scrape and see the live page; others get 401. Default: all. */
  readonly auth?: ServerAuth;
}

/** The path of a live page. @internal */
export const pageRule: OptionRule = {
  expected: 'a path such as "/live", at which browsers get the live page',
  accepts: (value) => pathRule.accepts(value) && value !== '/',
};

/** @internal */
export const handlerRules: OptionRules<MetricsHandlerOptions> = {
  maxScrapes: rule.wholeNumber(1, 1_000_000),
  sendTimeoutMs: rule.milliseconds,
  page: pageRule,
  auth: rule.any,
};

/** @internal */
export const DEFAULT_SEND_TIMEOUT_MS = 60_000;
