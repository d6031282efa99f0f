// The least that a scrape of 1 000 counters takes in a library for any metrics, next to promark and its peers, in the first
// pages of a process and once V8 has compiled them: node bench/least-small-page.mjs
import { readCommandLine } from '../scripts/program.mjs';
import { CLIENTS, load } from './harness/clients.mjs';
import { cost, median, random } from './harness/loop.mjs';
import { LABEL_NAMES, methodOf, routeOf, statusOf } from './harness/traffic.mjs';

const SERIES = 1_000;
const FAMILIES = 10;
const FIRST_PAGES = 9;
/** Pages before the warm ones, and how many of those there are. */
const WARMUPS = 400;
const WARM = 100;

/** A counter that keeps an object for each series and no bytes. */
class LeastCounter {
  constructor({ name, help, labelNames, registers: [registry] }) {
    Object.assign(this, { name, help, labelNames, series: new Map() });
    registry.metrics.push(this);
  }

  labels(...values) {
    const key = values.join('\n');
    let series = this.series.get(key);
    if (series === undefined) {
      series = {
        values,
        value: 0,
        inc(by) {
          this.value += by;
        },
      };
      this.series.set(key, series);
    }
    return series;
  }
}

const ESCAPED = /[\\\n"]/g;
const ESCAPES = { '\\': '\\\\', '\n': '\\n', '"': '\\"' };

/**
 * Runs `collect` of each metric, reads the Accept header, and adds up the lines of each family as strings: any type of one
 * line, any labels, escaped. It keeps nothing for the next page and knows neither time limits nor other formats.
 */
class LeastRegistry {
  metrics = [];

  async render(accept = 'text/plain') {
    await Promise.all(this.metrics.map((metric) => metric.collect?.()));
    const contentType = accept.split(',').find((one) => one.startsWith('text/plain')) ?? 'text/plain';
    let page = '';
    for (const { name, help, type = 'counter', labelNames, series } of this.metrics) {
      page += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
      for (const { values, value } of series.values()) {
        let labels = '';
        for (let i = 0; i < values.length; i++) {
          if (values[i] === '') continue;
          const text = values[i].replace(ESCAPED, (character) => ESCAPES[character]);
          labels += `${labels === '' ? '' : ','}${labelNames[i]}="${text}"`;
        }
        page += labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
      }
    }
    return { contentType, body: Buffer.from(page), length: page.length };
  }
}

const least = {
  Counter: LeastCounter,
  Registry: LeastRegistry,
  scrape: (registry) => registry.render(),
};

// Each in its own process: what one has compiled must not help another.
const [flag, name, changes] = process.argv.slice(2);
if (flag !== '--one') {
  readCommandLine(import.meta.url);
  const { spawnSync } = await import('node:child_process');
  for (const how of ['all', 'few']) {
    for (const one of ['least', ...CLIENTS]) {
      spawnSync(process.execPath, [import.meta.filename, '--one', one, how], { stdio: 'inherit' });
    }
  }
} else {
  const client = name === 'least' ? least : await load(name);
  const next = random();
  const registry = new client.Registry();
  const families = Array.from({ length: FAMILIES }, (_, i) => {
    return new client.Counter({ name: `family_${i}_total`, help: 'F', labelNames: LABEL_NAMES, registers: [registry] });
  });
  const size = SERIES / FAMILIES;
  const count = (i) => families[Math.floor(i / size)].labels(methodOf(i % size), routeOf(i % size), statusOf(i % size));
  const changeAll = () => {
    for (let i = 0; i < SERIES; i++) count(i).inc(1 + Math.floor(next() * 9));
  };
  const changeFew = () => {
    for (let i = 0; i < SERIES / 100; i++) count(Math.floor(next() * SERIES)).inc(1);
  };
  changeAll();
  let page;
  const times = [];
  for (let i = 0; i < WARMUPS + WARM; i++) {
    const { cpu } = await cost(async () => {
      page?.release?.();
      page = await client.scrape(registry);
    });
    times.push(cpu);
    if (changes === 'all') changeAll();
    else changeFew();
  }
  const [first, ...others] = times;
  const early = median(others.slice(0, FIRST_PAGES - 1));
  const warm = median(times.slice(WARMUPS));
  console.log(
    `${name}, ${changes} changed: first page ${first.toFixed(1)} ms of processor time, ` +
      `pages 2 to ${FIRST_PAGES} ${early.toFixed(2)} ms, warm ${warm.toFixed(3)} ms`,
  );
}
