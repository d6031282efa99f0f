import { describe, expect, test } from '@jest/globals';
import { Info, parsePage, Registry } from 'promark';
import { ESCAPINGS } from '../../lib/formats/format.js';

describe.each(ESCAPINGS)('with %s, the name in the header matches that of the samples', (escaping) => {
  const render = async (registry: Registry) => {
    const { text, contentType } = await registry.render(`text/plain;escaping=${escaping}`);
    return parsePage(text, contentType).map(({ type, samples }) => ({ type, samples: samples.length }));
  };

  test.each(['build_x', 'build.x'])('for an Info called %s', async (name) => {
    const registry = new Registry();
    new Info({ name, help: 'Build', registers: [registry] }).info({ version: '1' });
    expect(await render(registry)).toEqual([{ type: 'gauge', samples: 1 }]);
  });

  test.each(['work_x', 'work.x'])('for a sample that text cannot express, of a family called %s', async (name) => {
    const registry = new Registry();
    const samples = [
      { name: `${name}_total`, labels: {}, value: 1 },
      { name: `${name}_created`, labels: {}, value: 2 },
    ];
    const family = { name: `${name}_total`, type: 'counter', help: 'Work', unit: '', samples } as const;
    registry.registerCollector({ name: 'work', collect: () => [family] });
    expect(await render(registry)).toEqual([
      { type: 'counter', samples: 1 },
      { type: 'gauge', samples: 1 },
    ]);
  });
});
