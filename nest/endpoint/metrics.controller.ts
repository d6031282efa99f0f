import type { IncomingMessage, ServerResponse } from 'node:http';
import { Get, Req, Res } from '@nestjs/common';
import { type MetricsHandler, metricsHandler, type Registry } from '../../lib/index.js';
import { InjectRegistry } from '../tokens.js';

/** A request or response as Express hands it over, or as Fastify does: with Node's own inside. */
export type Raw<T> = T | { readonly raw: T };

/** Node's own request or response. */
export function rawOf<T extends object>(given: Raw<T>): T {
  return 'raw' in given ? given.raw : given;
}

/**
 * Answers scrapes with the page of the module's registry: in the format that the scraper accepts, compressed where it
 * wants that. Extend it to put decorators on the endpoint, and hand the class to `PrometheusModule.forRoot({ controller })`.
 *
 * @example
 * @UseGuards(OfficeHoursGuard)
 * class MyMetricsController extends MetricsController {}
 */
export class MetricsController {
  private readonly answer: MetricsHandler;

  constructor(@InjectRegistry() registry: Registry) {
    this.answer = metricsHandler(registry);
  }

  /** `GET` and `HEAD`. Writes the answer itself, so that no interceptor or serializer of the app changes the page. */
  @Get()
  async scrape(@Req() request: Raw<IncomingMessage>, @Res() response: Raw<ServerResponse>): Promise<void> {
    // Fastify would answer as well.
    if ('hijack' in response && typeof response.hijack === 'function') response.hijack();
    await this.answer(rawOf(request), rawOf(response));
  }
}
