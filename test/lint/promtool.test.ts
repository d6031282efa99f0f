import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { lintPage } from '../../lib/lint/lint-page.js';
import { describeWith } from '../support/required-programs.js';

/** The checks of promlint. It has another, "metric not unique", which Debian's promtool is too old for. */
const PROMLINT = new Set(
  'no-help base-unit counter-total total-of-non-counter reserved-suffix reserved-label type-in-name colon camel-case camel-case-label abbreviated-unit'.split(
    ' ',
  ),
);

/** A page with everything that promlint objects to, in all types. */
const PAGE = `# TYPE nohelp_total counter
nohelp_total 1
# HELP request_milliseconds Time.
# TYPE request_milliseconds gauge
request_milliseconds 1
# HELP disk_kibibytes_used Used.
# TYPE disk_kibibytes_used gauge
disk_kibibytes_used 1
# HELP trip_kilometers Length.
# TYPE trip_kilometers gauge
trip_kilometers 1
# HELP uptime_hours_total Uptime.
# TYPE uptime_hours_total counter
uptime_hours_total 1
# HELP temperature_celsius Fine.
# TYPE temperature_celsius gauge
temperature_celsius 1
# HELP requests Requests.
# TYPE requests counter
requests 1
# HELP users_total Users.
# TYPE users_total gauge
users_total 1
# HELP job_bucket Bucket.
# TYPE job_bucket gauge
job_bucket{le="1"} 1
# HELP job_count Count.
# TYPE job_count gauge
job_count 1
# HELP job_sum Sum.
# TYPE job_sum counter
job_sum{quantile="1"} 1
# HELP untyped_things_total Untyped.
untyped_things_total{le="1"} 1
# HELP http_gauge_size Size.
# TYPE http_gauge_size gauge
http_gauge_size 1
# HELP my_histogram Type.
# TYPE my_histogram histogram
my_histogram_bucket{le="+Inf"} 1
my_histogram_sum 1
my_histogram_count 1
# HELP a:b Colon.
# TYPE a:b gauge
a:b 1
# HELP camelCase Camel.
# TYPE camelCase gauge
camelCase{someLabel="a"} 1
# HELP latency_ms Abbreviated.
# TYPE latency_ms gauge
latency_ms 1
# HELP size_mb_used Abbreviated.
# TYPE size_mb_used gauge
size_mb_used 1
# HELP twice Same.
# TYPE twice gauge
twice{a="1"} 1
twice{a="1"} 2
# HELP fine_seconds Fine.
# TYPE fine_seconds summary
fine_seconds{quantile="0.5"} 1
fine_seconds_sum 1
fine_seconds_count 1
`;

function byPromtool(page: string): string[] {
  const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
  return [...new Set(`${stdout}${stderr}`.split('\n').filter((line) => line !== ''))].sort();
}

function byPromark(page: string): string[] {
  const own = lintPage(page).filter(({ id }) => PROMLINT.has(id));
  return [...new Set(own.map(({ metric, message }) => `${metric} ${message}`))].sort();
}

describeWith(['promtool'], 'against promtool check metrics', () => {
  test('the checks of promlint find the same and say it word for word', () => {
    expect(byPromtool(PAGE)).toHaveLength(20);
    expect(byPromark(PAGE)).toEqual(byPromtool(PAGE));
  });
});
