import { expect, test } from '@jest/globals';
import { Counted, GaugeFrom, register, Timed } from 'promark';
import { sampleValue } from 'promark/testing';
import { freshRegistry } from './support/fresh.js';

freshRegistry();

test('private methods and getters can be instrumented', async () => {
  class Vault {
    @Counted()
    @Timed()
    #open(code: number): boolean {
      return code === 7;
    }

    @Counted()
    static #made(): number {
      return 1;
    }

    @GaugeFrom({ name: 'vault_gold' })
    get #gold(): number {
      return 12;
    }

    try(code: number): boolean {
      return this.#open(code) && Vault.#made() === 1 && this.#gold > 0;
    }
  }
  const vault = new Vault();
  expect(vault.try(7)).toBe(true);
  const labels = { class: 'Vault', result: 'ok', exception: 'none' };
  expect(await sampleValue(register, 'method_calls_total', { ...labels, method: '#open' })).toBe(1);
  expect(await sampleValue(register, 'method_calls_total', { ...labels, method: '#made' })).toBe(1);
  expect(await sampleValue(register, 'vault_gold')).toBe(12);
});
