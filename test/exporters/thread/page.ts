import { ask } from '../../support/http-client.js';

/** A page without what a server's thread reports about the main thread. */
export async function page(url: string, accept?: string): Promise<string> {
  const { body } = await ask(url, { headers: accept === undefined ? {} : { accept } });
  const about = /^.*(promark_main_thread_responsive|nodejs_eventloop_stalled_seconds).*\n/gm;
  return body.toString().replace(about, '');
}
