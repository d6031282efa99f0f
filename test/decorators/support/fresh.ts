import { afterEach, beforeEach, jest } from '@jest/globals';
import { register } from 'promark';
import { markFaults } from './page.js';

/** What the default registry has warned of in the running test. */
export const warnings: string[] = [];

/** An empty default registry for each test of a file, whose warnings are collected rather than printed. */
export function freshRegistry(): void {
  beforeEach(async () => {
    register.clear();
    await markFaults();
    warnings.length = 0;
    jest.spyOn(console, 'warn').mockImplementation((text: unknown) => void warnings.push(String(text)));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
}
