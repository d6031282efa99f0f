import { rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { expectSample, withIsolatedRegistry } from 'promark/testing';
import { Library } from './library.js';

const poem = { title: 'Odyssey', pages: 541 };

test('counts loans by length', () =>
  withIsolatedRegistry(async (registry) => {
    new Library('Alexandria').lend(poem);
    await expectSample(registry, 'library_loans_total', { length: 'long', result: 'ok' }, 1);
  }));

test('counts books that are not found', () =>
  withIsolatedRegistry(async (registry) => {
    const library = new Library('Alexandria');
    await rejects(async () => library.find('Hamlet'), RangeError);
    const labels = { class: 'Library', method: 'find', exception: 'RangeError' };
    await expectSample(registry, 'method_exceptions_total', labels, 1);
  }));
