import { forms } from './forms.mjs';

test('every form of an ES import works', () => {
  expect(forms()).toEqual({ default: true, namespace: true });
});
