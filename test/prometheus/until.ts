import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer that is not undefined. Rejects after `limitMs` with what was awaited and
 * what stood in the way last.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  describeState: () => Promise<string> = async () => '',
  limitMs = 30_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  let hindrance = '';
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      hindrance = '';
    } catch (error) {
      hindrance = String(error);
    }
    await pause(50);
  }
  throw new Error(`Waited ${limitMs} ms for ${what}, in vain. ${hindrance} ${await describeState()}`.trim());
}
