import type { Registry, Sample } from 'promark';

/** How many requests there were of each `method route status`, once there are as many as expected. */
export async function recorded(registry: Registry, expected: number): Promise<Record<string, number>> {
  for (;;) {
    const counts = await countsOf(registry);
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (total >= expected) return counts;
    // A client may have its response before the server has noticed that it was sent.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How many requests there were of each `method route status`. */
export async function countsOf(registry: Registry): Promise<Record<string, number>> {
  const samples = await samplesOf(registry, 'http_request_duration_seconds');
  const counts = samples.filter(({ name }) => name === 'http_request_duration_seconds_count');
  return Object.fromEntries(
    counts.map(({ labels, value }) => [`${labels.method} ${labels.route} ${labels.status_code}`, value]),
  );
}

/** The values of a family's series by the values of their labels. */
export async function valuesOf(registry: Registry, family: string, suffix = ''): Promise<Record<string, number>> {
  const samples = await samplesOf(registry, family);
  const wanted = samples.filter(({ name }) => name === family + suffix);
  return Object.fromEntries(wanted.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

async function samplesOf(registry: Registry, family: string): Promise<readonly Sample[]> {
  const families = await registry.gather();
  return families.find(({ name }) => name === family)?.samples ?? [];
}
