import { describe, expect, test } from '@jest/globals';
import { ESCAPINGS, escapeLabelName, escapeMetricName } from '../../lib/formats/format.js';

// The first three rows are the examples of the Prometheus document "UTF-8 escaping schemes", with the lower-case digits
// that Prometheus itself writes; the others are what Prometheus makes of such names.
test.each([
  [
    'metric.name/with/slashes',
    'metric_name_with_slashes',
    'metric_dot_name__with__slashes',
    'U__metric_2e_name_2f_with_2f_slashes',
  ],
  [
    'metric.name.with.dots',
    'metric_name_with_dots',
    'metric_dot_name_dot_with_dot_dots',
    'U__metric_2e_name_2e_with_2e_dots',
  ],
  ['metric.name', 'metric_name', 'metric_dot_name', 'U__metric_2e_name'],
  ['no:escaping_required', 'no:escaping_required', 'no:escaping__required', 'no:escaping_required'],
  ['app.load_total', 'app_load_total', 'app_dot_load__total', 'U__app_2e_load__total'],
  ['http.status:sum', 'http_status:sum', 'http_dot_status:sum', 'U__http_2e_status:sum'],
  ['label with 😱', 'label_with__', 'label__with____', 'U__label_20_with_20__1f631_'],
  ['花火', '__', '____', 'U___82b1__706b_'],
  ['with Ā', 'with__', 'with____', 'U__with_20__100_'],
  ['0a', '_a', '__a', 'U___30_a'],
  ['a0', 'a0', 'a0', 'a0'],
  ['_', '_', '__', '_'],
  ['__proto__', '__proto__', '____proto____', '__proto__'],
])('a metric called %j', (name, underscores, dots, values) => {
  expect(escapeMetricName(name, 'underscores')).toBe(underscores);
  expect(escapeMetricName(name, 'dots')).toBe(dots);
  expect(escapeMetricName(name, 'values')).toBe(values);
  expect(escapeMetricName(name, 'allow-utf-8')).toBe(name);
});

describe('a label', () => {
  test('is escaped like a metric', () => {
    expect(ESCAPINGS.map((scheme) => escapeLabelName('service.my_name', scheme))).toEqual([
      'service_my_name',
      'service_dot_my__name',
      'U__service_2e_my__name',
      'service.my_name',
    ]);
  });

  test('may not contain a colon, unlike a metric', () => {
    expect(ESCAPINGS.map((scheme) => escapeLabelName('a:b', scheme))).toEqual(['a_b', 'a__b', 'U__a_3a_b', 'a:b']);
  });
});
