import type { FamilySnapshot, Sample } from 'promark';

/** What has the families of measured requests: a registry, or a program in another process. */
export interface Measured {
  gather(): Promise<readonly FamilySnapshot[]>;
}

/** How many requests there were of each `method route status`, once there are as many as expected. */
export async function recorded(app: Measured, expected: number): Promise<Record<string, number>> {
  for (;;) {
    const counts = await countsOf(app);
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (total >= expected) return counts;
    // A client may have its response before the server has noticed that it was sent.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How many requests there were of each `method route status`. */
export async function countsOf(app: Measured): Promise<Record<string, number>> {
  const samples = await samplesOf(app, 'http_request_duration_seconds');
  const counts = samples.filter(({ name }) => name === 'http_request_duration_seconds_count');
  return Object.fromEntries(
    counts.map(({ labels, value }) => [`${labels.method} ${labels.route} ${labels.status_code}`, value]),
  );
}

/** The values of a family's series by the values of their labels. */
export async function valuesOf(app: Measured, family: string, suffix = ''): Promise<Record<string, number>> {
  const samples = await samplesOf(app, family);
  const wanted = samples.filter(({ name }) => name === family + suffix);
  return Object.fromEntries(wanted.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

async function samplesOf(app: Measured, family: string): Promise<readonly Sample[]> {
  const families = await app.gather();
  return families.find(({ name }) => name === family)?.samples ?? [];
}
