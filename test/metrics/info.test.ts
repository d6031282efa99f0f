import { describe, expect, test } from '@jest/globals';
import { ConfigError, Info, LabelError, Registry } from 'promark';
import { sampleLinesIn } from '../support/page.js';

function build(registry: Registry): Info {
  return new Info({ name: 'build', help: 'Build', registers: [registry] });
}

describe('an info', () => {
  test('is one sample with the value 1, labeled with the last info', async () => {
    const registry = new Registry();
    const info = build(registry);
    expect(await sampleLinesIn(registry)).toEqual([]);
    info.info({ version: '1.2.3', node: 22, debug: false });
    expect(await sampleLinesIn(registry)).toEqual(['build_info{version="1.2.3",node="22",debug="false"} 1']);
    info.info({ version: '1.2.4' });
    expect(await sampleLinesIn(registry)).toEqual(['build_info{version="1.2.4"} 1']);
    info.reset();
    expect(await sampleLinesIn(registry)).toEqual([]);
  });

  test('is a gauge in formats without the type info, and an info in the others', async () => {
    const registry = new Registry();
    build(registry).info({ version: '1' });
    expect(await registry.metrics()).toContain('# TYPE build_info gauge\n');
    expect((await registry.render('application/openmetrics-text')).text).toContain('# TYPE build info\n');
  });

  test('may be named with or without its _info', () => {
    expect(new Info({ name: 'build_info', help: 'Build', registers: [] }).name).toBe('build');
    expect(() => new Info({ name: '_info', help: 'Build', registers: [] })).toThrow('must have a name before "_info"');
  });

  test('keeps series with different label values apart', async () => {
    const registry = new Registry();
    const info = new Info({ name: 'node', help: 'Nodes', labelNames: ['region', 'zone'], registers: [registry] });
    info.info({ region: 'eu', zone: 'a' }, { version: '1' });
    info.labels('eu', 'b').info({ version: '2' });
    info.labels({ zone: 'b', region: 'eu' }).info({ version: '3' });
    info.info({ region: 'us', zone: undefined }, { version: '4', gone: undefined });
    expect(await sampleLinesIn(registry)).toEqual([
      'node_info{region="eu",zone="a",version="1"} 1',
      'node_info{region="eu",zone="b",version="3"} 1',
      'node_info{region="us",version="4"} 1',
    ]);
    info.remove('eu', 'a');
    info.remove({ region: 'us', zone: '' });
    info.remove('nobody', 'knows');
    expect(await sampleLinesIn(registry)).toEqual(['node_info{region="eu",zone="b",version="3"} 1']);
    expect(info.removeMatching({ region: 'eu' })).toBe(1);
    expect(await sampleLinesIn(registry)).toEqual([]);
  });

  test('returns its values like other metrics, after running collect', async () => {
    const info = new Info({
      name: 'build',
      help: 'Build',
      registers: [],
      collect() {
        this.info({ version: '1' });
      },
    });
    expect(await info.get()).toEqual({
      name: 'build',
      help: 'Build',
      type: 'info',
      aggregator: 'sum',
      values: [{ labels: { version: '1' }, value: 1, metricName: 'build_info' }],
    });
  });

  test.each<[unknown, string]>([
    [undefined, 'Info "build" must be set to an object of names and values, got undefined.'],
    ['1.2.3', 'Info "build" must be set to an object of names and values, got "1.2.3".'],
    [
      { version: {} },
      'Metric "build": the value of label "version" must be a string, number, boolean or empty, got an object {}.',
    ],
    [
      { version: Symbol('1') },
      'Metric "build": the value of label "version" must be a string, number, boolean or empty, got Symbol(1) (symbol).',
    ],
    [{ 'a.b': '1', a_b: '2' }, 'Info "build": "a.b" and "a_b" would be one label for scrapers'],
  ])('refuses the info %p', (values, message) => {
    const info = new Info({ name: 'build', help: 'Build', registers: [] });
    expect(() => info.info(values as never)).toThrow(LabelError);
    expect(() => info.info(values as never)).toThrow(message);
  });

  test.each([{ __name__: 'x' }, { '': 'x' }, { '\ud800': 'x' }, JSON.parse('{"__proto__":"x"}')])(
    'refuses names that a label cannot have: %j',
    (values) => {
      expect(() => new Info({ name: 'build', help: 'Build', registers: [] }).info(values)).toThrow(ConfigError);
    },
  );

  test('refuses unknown labels', () => {
    const info = new Info({ name: 'node', help: 'Nodes', labelNames: ['region'], registers: [] });
    expect(() => info.info({ zone: 'a' } as never, { version: '1' })).toThrow('Metric "node" has no label "zone"');
    expect(() => (info as any).labels('eu', 'a')).toThrow('Metric "node" has 1 label (region), got 2 values: [');
    expect(() => (info as any).remove('eu', 'a')).toThrow(LabelError);
    expect(() => info.info({ region: 'eu' }, { region: 'us' })).toThrow('Info "node" has the label "region" already.');
  });

  test('does not keep the object that was passed', async () => {
    const registry = new Registry();
    const values = { version: '1' };
    build(registry).info(values);
    values.version = '2';
    expect(await sampleLinesIn(registry)).toEqual(['build_info{version="1"} 1']);
  });

  test('accepts any string', async () => {
    const registry = new Registry();
    build(registry).info({ constructor: 'a"b\\c\nd', toString: '😀', half: '\ud800' });
    expect(await sampleLinesIn(registry)).toEqual([
      'build_info{constructor="a\\"b\\\\c\\nd",toString="😀",half="\ufffd"} 1',
    ]);
  });
});
