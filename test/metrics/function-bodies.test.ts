import { expect, test } from '@jest/globals';
import { ConfigError, Counter, Gauge, Histogram, Registry, Summary } from 'promark';

const registers = [new Registry()];
const requests = new Counter({ name: 'requests_total', help: 'R', labelNames: ['path'], registers });
const waiting = new Gauge({ name: 'waiting', help: 'W', registers });
const seconds = new Histogram({ name: 'seconds', help: 'S', registers });
const sizes = new Summary({ name: 'sizes', help: 'S', registers });

// As from JavaScript, where nothing checks the types.
const notAFunction = 5 as unknown as () => void;

test.each([
  ['requests_total', 'countExceptions', () => requests.countExceptions(notAFunction)],
  ['requests_total', 'countExceptions', () => requests.labels('/').countExceptions(notAFunction)],
  ['waiting', 'time', () => waiting.time(notAFunction)],
  ['waiting', 'trackInProgress', () => waiting.trackInProgress(notAFunction)],
  ['seconds', 'time', () => seconds.time(notAFunction)],
  ['sizes', 'time', () => sizes.time(notAFunction)],
])('%s.%s() names the metric when it is given something other than a function', (name, method, call) => {
  expect(call).toThrow(ConfigError);
  expect(call).toThrow(`Metric "${name}": ${method}() takes a function, got 5.`);
});
