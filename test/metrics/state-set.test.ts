import { describe, expect, test } from '@jest/globals';
import { Registry, StateSet, ValueError } from 'promark';
import { metricValues } from '../support/page.js';

function task(registry = new Registry()) {
  return new StateSet({ name: 'task', help: 'Task', states: ['starting', 'running', 'done'], registers: [registry] });
}

describe('a state set', () => {
  test('is in its first state until it is set to another', async () => {
    const registry = new Registry();
    const metric = task(registry);
    expect(await registry.metrics()).toContain(
      'task{task="starting"} 1\ntask{task="running"} 0\ntask{task="done"} 0\n',
    );
    metric.state('running');
    expect(await registry.metrics()).toContain(
      'task{task="starting"} 0\ntask{task="running"} 1\ntask{task="done"} 0\n',
    );
  });

  test('is a gauge in formats without the type stateset, and a state set in the others', async () => {
    const registry = new Registry();
    task(registry);
    expect(await registry.metrics()).toContain('# TYPE task gauge\n');
    expect((await registry.render('application/openmetrics-text')).text).toContain('# TYPE task stateset\n');
  });

  test('refuses a state that is not in the list, and stays unchanged', async () => {
    const metric = task();
    metric.state('done');
    for (const wrong of ['sleeping', undefined, 0, {}]) {
      expect(() => metric.state(wrong as never)).toThrow(ValueError);
      expect(() => metric.labels().state(wrong as never)).toThrow('state must be one of starting, running, done, got');
    }
    expect(await metricValues(metric)).toEqual([0, 0, 1]);
  });

  test('has a separate state for each series', async () => {
    const metric = new StateSet({
      name: 'task',
      help: 'Task',
      labelNames: ['id'],
      states: ['off', 'on'],
      registers: [],
    });
    metric.state({ id: 'a' }, 'on');
    metric.labels('b');
    expect(await metricValues(metric)).toEqual([0, 1, 1, 0]);
  });

  test('is back in its first state after reset, zero and remove', async () => {
    const metric = task();
    for (const back of [() => metric.reset(), () => metric.zero(), () => metric.remove()]) {
      metric.state('done');
      back();
      expect(await metricValues(metric)).toEqual([1, 0, 0]);
    }
  });

  test('starts a series in its first state in a row that another series used', async () => {
    const metric = new StateSet({
      name: 'task',
      help: 'Task',
      labelNames: ['id'],
      states: ['off', 'on'],
      registers: [],
    });
    const gone = metric.labels('a');
    gone.state('on');
    metric.remove('a');
    metric.labels('b');
    gone.state('on');
    expect(await metricValues(metric)).toEqual([1, 0]);
  });

  test('does not keep the list that was passed', async () => {
    const states = ['a', 'b'];
    const metric = new StateSet({ name: 'x', help: 'X', states, registers: [] });
    states.push('c');
    expect(() => metric.state('c')).toThrow(ValueError);
    expect(Object.isFrozen(states)).toBe(false);
    expect(await metricValues(metric)).toEqual([1, 0]);
  });

  test('accepts any string as a state', async () => {
    const states = ['__proto__', 'constructor', 'a"b\n', '😀'] as const;
    const metric = new StateSet({ name: 'x', help: 'X', states, registers: [] });
    metric.state('__proto__');
    expect((await metric.get()).values.map(({ labels, value }) => [labels.x, value])).toEqual([
      ['__proto__', 1],
      ['constructor', 0],
      ['a"b\n', 0],
      ['😀', 0],
    ]);
  });
});
