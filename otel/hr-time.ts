import type { HrTime } from '@opentelemetry/api';

/** Milliseconds since the epoch as OpenTelemetry has times: seconds, and the nanoseconds beyond them. */
export function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.floor((milliseconds - seconds * 1000) * 1e6)];
}
