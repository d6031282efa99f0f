import { describe, expect, test } from '@jest/globals';
import 'reflect-metadata';
import { Counted, InProgress, Instrumented, Skip, Timed } from 'promark';
import { freshRegistry } from './support/fresh.js';

freshRegistry();

/** A decorator that sets metadata on the method, as those of frameworks do. */
const role = (name: string): any => {
  return (...on: any[]): any => {
    const method = typeof on[1] === 'object' ? on[0] : on[2].value;
    Reflect.defineMetadata(`role ${name}`, name, method);
    return typeof on[1] === 'object' ? method : on[2];
  };
};

const rolesOf = (method: object): unknown[] =>
  Reflect.getOwnMetadataKeys(method).map((key) => Reflect.getMetadata(key, method));

describe('the metadata of a method survives', () => {
  test('set below, between and above decorators', () => {
    class Subject {
      @role('top')
      @Timed()
      @role('upper')
      @Counted()
      @InProgress()
      @role('bottom')
      run(): void {}
    }
    expect(rolesOf(Subject.prototype.run).sort()).toEqual(['bottom', 'top', 'upper']);
  });

  test('a class decorator that is applied last', () => {
    @Instrumented({ counted: true })
    class Subject {
      @role('admin')
      run(): void {}

      @Skip()
      @role('skipped')
      skipped(): void {}
    }
    expect(rolesOf(Subject.prototype.run)).toEqual(['admin']);
    expect(rolesOf(Subject.prototype.skipped)).toEqual(['skipped']);
  });
});
