import type { HttpSeries } from '../families.js';
import { Measurement } from '../measurement.js';
import { CLIENT_CLOSED, SERVER_ERROR } from '../messages.js';

/** A route's template, or a function that returns it when the request is over; undefined if no route handled it. */
export type FetchRoute = string | ((request: Request) => string | undefined);

/** One `Request`, measured from its arrival until the body of its `Response` has been read. */
export class MeasuredFetch extends Measurement<FetchRoute> {
  private status = SERVER_ERROR;
  private bytes = 0;

  constructor(
    series: HttpSeries,
    private readonly request: Request,
    route: FetchRoute | undefined,
  ) {
    super(series, request.method, route);
  }

  /** Returns the response to send in place of the handler's; the request is recorded when its body ends. */
  measureResponse(response: Response): Response {
    this.status = response.status;
    const { body } = response;
    // Runtimes do not read the body of a response to HEAD, and a response that switches protocols cannot be replaced.
    if (body === null || this.request.method === 'HEAD' || response.status < 200) {
      this.finish();
      return response;
    }
    const isEventStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    return new Response(this.follow(body, isEventStream), response);
  }

  /** Records that the handler failed. */
  fail(): void {
    this.status = SERVER_ERROR;
    this.finish();
  }

  protected record(seconds: number): void {
    const route = typeof this.route === 'function' ? this.route(this.request) : this.route;
    const length = Number(this.request.headers.get('content-length')) || 0;
    this.observe(seconds, route, this.status, length, this.bytes);
  }

  /** Passes a body through, and records the request when it ends. */
  private follow(body: ReadableStream<Uint8Array>, isEventStream: boolean): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    // An event stream has no defined end: unless it fails, its status counts.
    const end = (status: number): void => {
      if (!isEventStream || status === SERVER_ERROR) this.status = status;
      this.finish();
    };
    return new ReadableStream({
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) {
            this.finish();
            controller.close();
          } else {
            this.bytes += value.byteLength;
            controller.enqueue(value);
          }
        } catch (error) {
          end(SERVER_ERROR);
          controller.error(error);
        }
      },
      cancel: (reason) => {
        end(CLIENT_CLOSED);
        return reader.cancel(reason);
      },
    });
  }
}
