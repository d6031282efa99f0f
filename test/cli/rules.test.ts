import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { Counted, Registry, startHttpServer, Timed } from 'promark';
import { describeWith } from '../support/required-programs.js';
import { run, temporaryFolder } from './running.js';

const files = temporaryFolder();
afterAll(() => files.remove());

/** A registry whose methods have objectives of every kind that classic histograms can judge. */
function shop(): Registry {
  const registry = new Registry();
  class Shop {
    @Timed({ registry, objective: { target: 0.99, latency: 0.25 } })
    @Counted({ registry, objective: { target: 0.999 } })
    order(): void {}

    @Timed({ registry, objective: { target: 0.9, latency: 1 } })
    ship(): void {}

    @Counted({ registry, name: 'refunds_total', help: 'Refunds', objective: { target: 0.95 } })
    refund(): void {}
  }
  new Shop();
  return registry;
}

function manifestFile(name: string, registry: Registry): string {
  return files.write(name, JSON.stringify(registry.manifest()));
}

describeWith(['promtool'], 'with promtool', () => {
  test('the rules are valid, fire in a burn and are silent in a calm', async () => {
    const [rules, tests] = [files.path('shop.rules.yml'), files.path('shop.test.yml')];
    const options = ['--service', 'shop', '--label', 'team=orders', '--runbook', 'https://example.org/{alert}'];
    const manifest = manifestFile('shop.json', shop());
    const { code, stderr } = await run(['rules', manifest, '--out', rules, '--test', tests, ...options]);
    expect(code).toBe(0);
    expect(stderr).toContain('80 rules for 4 objectives.');
    expect(stderr).toContain('shop-ship-latency: no alert for 5m and 1h: 14.4 times a budget of 10 % exceeds 100 %.');
    const check = spawnSync('promtool', ['check', 'rules', rules], { encoding: 'utf8' });
    expect(check.stdout + check.stderr).toContain('SUCCESS: 80 rules found');
    const test = spawnSync('promtool', ['test', 'rules', tests], { encoding: 'utf8' });
    expect(test.stdout + test.stderr).toContain('SUCCESS');
    expect(test.status).toBe(0);
  });

  test('the test notices rules that do not fire', async () => {
    const [rules, tests] = [files.path('broken.rules.yml'), files.path('broken.test.yml')];
    await run(['rules', manifestFile('broken.json', shop()), '--out', rules, '--test', tests]);
    files.write('broken.rules.yml', readFileSync(rules, 'utf8').replaceAll('severity: page', 'severity: ticket'));
    expect(spawnSync('promtool', ['test', 'rules', tests]).status).toBe(1);
  });

  test('few failures are no alert', async () => {
    const rules = files.path('few.rules.yml');
    const tests = files.path('few.test.yml');
    await run(['rules', manifestFile('few.json', shop()), '--out', rules]);
    // One failure of 60 calls in an hour is 17 times the budget.
    files.write(
      'few.test.yml',
      `rule_files: [few.rules.yml]
evaluation_interval: 5m
tests:
  - interval: 1m
    input_series:
      - series: 'method_calls_total{class="Shop", method="order", result="ok"}'
        values: 0+1x90
      - series: 'method_calls_total{class="Shop", method="order", result="error"}'
        values: 0x80 1x10
    alert_rule_test:
      - eval_time: 85m
        alertname: ShopOrderErrorBudgetBurn
        exp_alerts: []
    promql_expr_test:
      - eval_time: 85m
        expr: count(slo:sli_error:ratio_rate5m{sloth_id="app-shop-order-errors"} > 0.0144)
        exp_samples: [{ labels: '{}', value: 1 }]
`,
    );
    const { stdout, stderr, status } = spawnSync('promtool', ['test', 'rules', tests], { encoding: 'utf8' });
    expect([stdout + stderr, status]).toEqual([expect.stringContaining('SUCCESS'), 0]);
  });
});

test('a server gives the objectives along with its page', async () => {
  const server = await startHttpServer({ port: 0, host: '127.0.0.1', registry: shop() });
  try {
    const { code, stdout } = await run(['rules', server.url, '--match', 'job=shop']);
    expect(code).toBe(0);
    expect(stdout).toContain('- alert: ShopOrderErrorBudgetBurn');
    expect(stdout).toContain('refunds_total{job=\\"shop\\"}');
  } finally {
    await server.close();
  }
});

test('a PrometheusRule has the same groups, and labels for the selector', async () => {
  const manifest = manifestFile('rule.json', shop());
  const plain = JSON.parse((await run(['rules', manifest, '--json'])).stdout);
  const options = ['--kubernetes', '--name', 'shop', '--namespace', 'web', '--metadata-label', 'release=prometheus'];
  const { stdout } = await run(['rules', manifest, '--json', ...options]);
  expect(JSON.parse(stdout)).toEqual({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'shop', namespace: 'web', labels: { release: 'prometheus' } },
    spec: plain,
  });
});

test('objectives by native histograms are marked, and their expressions use them', async () => {
  const registry = new Registry();
  class Shop {
    @Timed({ registry, name: 'pay_seconds', help: 'Payments', native: true, buckets: [], objective: { target: 0.99 } })
    pay(): void {}
  }
  new Shop();
  const { stdout } = await run(['rules', manifestFile('native.json', registry)]);
  expect(stdout).toContain('# Needs native histograms');
  expect(stdout).toContain('histogram_count(rate(pay_seconds{result=\\"error\\"}[5m]))');
});

test('what cannot have rules is said', async () => {
  const noObjectives = await run(['rules', manifestFile('none.json', new Registry())]);
  expect(noObjectives).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('there are no objectives'),
  });
  const page = await run(['rules', '-'], { stdin: 'a 1\n' });
  expect(page).toMatchObject({ code: 1, stderr: expect.stringContaining('a page has no objectives') });
  const noManifest = await run(['rules', '-'], { stdin: '{"a":1}' });
  expect(noManifest).toMatchObject({ code: 2, stderr: expect.stringContaining('is JSON, but neither a manifest') });
});
