import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { forms } from './forms.mjs';

test('every form of an import works', () => {
  expect(forms()).toEqual({ default: true, namespace: true });
  expect(createRequire(import.meta.url)('./forms.cjs').forms()).toEqual({ default: true, namespace: true });
});
