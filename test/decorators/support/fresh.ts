import { afterEach, beforeEach, jest } from '@jest/globals';
import { register } from 'promark';
import { markFaults } from './page.js';

/** The warnings of the default registry in the current test. */
export const warnings: string[] = [];

/** Gives each test of a file an empty default registry, whose warnings are collected rather than printed. */
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
