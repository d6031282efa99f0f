/** What an error says, for a message of one's own; its code where it says nothing, as when several addresses failed. */
export function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { message, code } = error as { message?: unknown; code?: unknown };
  return [message, code].find((text) => typeof text === 'string' && text !== '')?.toString() ?? 'an unknown error';
}
