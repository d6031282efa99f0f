import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, Inject, Injectable, Req, Res, type Type, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { livePaths, type MetricsHandler, metricsHandler, type Registry } from '../../lib/index.js';
import type { PrometheusModuleSettings } from '../module-options.js';
import { InjectRegistry, OPTIONS } from '../tokens.js';
import { EndpointAuthGuard, type Raw, rawOf, refuse, ScrapeAuthorizer, takeOver } from './endpoint-auth.js';
import { withSlash } from './metrics.controller.js';

/** Answers browsers that open the live page, and the page's own requests. */
@Injectable()
export class LivePageAnswers {
  private readonly answerOf: MetricsHandler | undefined;
  private readonly judges: boolean;

  constructor(
    @InjectRegistry() registry: Registry,
    @Inject(ScrapeAuthorizer) private readonly authorizer: ScrapeAuthorizer,
    @Inject(OPTIONS) { page, auth }: PrometheusModuleSettings,
  ) {
    // Credentials are checked by the handler, which lets the page ask for a token.
    this.judges = typeof auth === 'function';
    const secret = typeof auth === 'object' ? { auth } : {};
    if (page !== undefined) this.answerOf = metricsHandler(registry, { page: withSlash(page), ...secret });
  }

  async answer(given: Raw<IncomingMessage>, reply: Raw<ServerResponse>): Promise<void> {
    const [request, response] = [rawOf(given), takeOver(reply)];
    if (this.judges && !(await this.authorizer.authorizes(request))) refuse(response, undefined);
    else await this.answerOf?.(request, response);
  }
}

// Nest's own key; the package does not export it.
const GUARDS_METADATA = '__guards__';

/**
 * Makes the controller class of the live page of one module instance, under the guards of the endpoint. Its path is set
 * when the options are known.
 */
export function livePageControllerClass(endpoint: Type<object> | undefined): Type<object> | undefined {
  if (endpoint === undefined) return undefined;
  @Controller({ path: '/live', version: VERSION_NEUTRAL })
  class LivePageController {
    constructor(@Inject(LivePageAnswers) private readonly live: LivePageAnswers) {}

    @Get()
    async show(@Req() request: Raw<IncomingMessage>, @Res() response: Raw<ServerResponse>): Promise<void> {
      await this.live.answer(request, response);
    }
  }
  const { scrape } = endpoint.prototype as { readonly scrape?: object };
  const guards = [endpoint, scrape].flatMap(
    (target): Parameters<typeof UseGuards> =>
      target === undefined ? [] : (Reflect.getMetadata(GUARDS_METADATA, target) ?? []),
  );
  UseGuards(...guards.filter((guard) => guard !== EndpointAuthGuard))(LivePageController);
  return LivePageController;
}

/** The paths of the live page and of its data, for the option `page`. */
export function livePathsOf(page: string): readonly [page: string, data: string] {
  return livePaths(withSlash(page));
}
