// Next bundles each route with its own modules: shared state lives on the global object.
const shared = globalThis as { stream?: ReadableStreamDefaultController };

/** A response whose body has started and stays open. */
export function openStream(type: string): Response {
  const start = (controller: ReadableStreamDefaultController) => {
    shared.stream = controller;
    controller.enqueue(new TextEncoder().encode('data: 1\n\n'));
  };
  return new Response(new ReadableStream({ start }), { headers: { 'content-type': type } });
}

/** Ends the body that was opened last, with an error if given. */
export function endStream(error?: Error): Response {
  if (error === undefined) shared.stream?.close();
  else shared.stream?.error(error);
  return new Response('done');
}
