import { describe, expect, test } from '@jest/globals';
import {
  ConfigError,
  CountExceptions,
  Counted,
  GaugeFrom,
  Histogram,
  InProgress,
  Instrumented,
  Observe,
  Skip,
  Timed,
} from 'promark';
import { freshRegistry } from './support/fresh.js';

freshRegistry();

const seconds = () => new Histogram({ name: 'h_seconds', help: 'h' }).time();

const decorators: [string, () => any][] = [
  ['Timed', () => Timed()],
  ['Counted', () => Counted()],
  ['InProgress', () => InProgress()],
  ['CountExceptions', () => CountExceptions()],
  ['Observe', () => Observe({ name: 'x', value: () => 1 })],
  ['Skip', () => Skip()],
  ['h_seconds.time', seconds],
];

// Standard decorators run before the class has a name.
let size = '';
const probe = (...on: any[]): void => {
  size = typeof on[1] === 'object' ? 'size' : 'Subject.size';
};
class Probe {
  @(probe as any)
  run(): void {}
}
void Probe;

describe.each(decorators)('@%s()', (name, make) => {
  const decorate = make as () => any;

  function message(define: () => unknown): string {
    try {
      define();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      return (error as Error).message;
    }
    return 'nothing was thrown';
  }

  test('names the getter that it is on', () => {
    const text = message(() => {
      class Subject {
        @decorate()
        get size(): number {
          return 1;
        }
      }
      return Subject;
    });
    expect(text).toBe(`@${name}() applies to methods, not to the getter "${size}". Move it to a method.`);
  });

  test('names the setter that it is on', () => {
    const text = message(() => {
      class Subject {
        @decorate()
        set size(_value: number) {}
      }
      return Subject;
    });
    expect(text).toBe(`@${name}() applies to methods, not to the setter "${size}". Move it to a method.`);
  });

  test('names the field that it is on', () => {
    const text = message(() => {
      class Subject {
        @decorate()
        size = () => 1;
      }
      return Subject;
    });
    expect(text).toBe(`@${name}() applies to methods, not to the field "${size}". Move it to a method.`);
  });

  test('on a class, says what to use instead', () => {
    const text = message(() => {
      @decorate()
      class Subject {}
      return Subject;
    });
    expect(text).toBe(
      `@${name}() applies to methods, not to the class "Subject". To decorate all methods of a class, use @Instrumented().`,
    );
  });
});

test('@GaugeFrom() takes getters and methods only', () => {
  const decorate: any = GaugeFrom({ name: 'x' });
  expect(() => {
    class Subject {
      @decorate
      size = 1;
    }
    return Subject;
  }).toThrow(`@GaugeFrom() applies to getters and methods, not to the field "${size}". Move it to a method.`);
});

test('@Instrumented() takes classes only', () => {
  const decorate: any = Instrumented();
  expect(() => {
    class Subject {
      @decorate
      run(): void {}
    }
    return Subject;
  }).toThrow(
    '@Instrumented() applies to classes, not to a method. Put it above the class, or use @Timed() on methods.',
  );
});

test.each(['Timed', 'Counted'] as const)('@%s refuses options that are not an object', (name) => {
  const factory: any = { Timed, Counted }[name];
  expect(() => factory(5)).toThrow(ConfigError);
  expect(() => factory('orders')).toThrow(ConfigError);
  const onMethod = (options: object) => () => {
    const decorate = factory(options);
    class Subject {
      @decorate
      run(): void {}
    }
    return Subject;
  };
  expect(onMethod({ class: 5 })).toThrow(ConfigError);
  expect(onMethod({ registry: {} })).toThrow(ConfigError);
  expect(onMethod({ name: '' })).toThrow(ConfigError);
});

test('@Timed refuses an unknown type', () => {
  expect(() => Timed({ type: 'gauge' as never })).toThrow(ConfigError);
});
