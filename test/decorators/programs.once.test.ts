// Programs in plain JavaScript, which call decorators as functions: no dialect or compiler makes a difference.
import { expect, test } from '@jest/globals';
import { runProgram } from './support/program.js';

test('a label function that is async by mistake does not end the process', async () => {
  const output = await runProgram(`
    import { Counted, Observe, Timed, register, setExemplarSource } from 'promark';
    process.on('unhandledRejection', (error) => console.log('unhandled', error.message));
    register.faults.instrumentation = () => {};
    const fail = () => Promise.reject(new Error('async'));
    const subject = { run() { return 1; } };
    const decorators = [
      Counted({ name: 'a_total', labels: { a: fail } }),
      Counted({ name: 'b_total', labels: { a: { of: fail } } }),
      Timed({ name: 'c_seconds', classify: fail }),
      Observe({ name: 'd', value: fail }),
      Observe({ name: 'e', value: { of: fail } }),
    ];
    for (const decorate of decorators) decorate(subject, 'run', Object.getOwnPropertyDescriptor(subject, 'run'));
    subject.run();
    setExemplarSource(fail);
    subject.run();
    // Rejections without a handler end the process before the next phase of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    const page = await register.metrics();
    console.log(page.match(/^a_total.*/m)[0], page.match(/^c_seconds_count{result="ok"}.*/m)[0]);
  `);
  expect(output).toBe('a_total{result="ok"} 2 c_seconds_count{result="ok"} 2\n');
});

test('classes that are created at run time and dropped leave nothing behind', async () => {
  const output = await runProgram(
    `
    import { CountExceptions, Counted, GaugeFrom, InProgress, Timed, register } from 'promark';
    const decorators = [Timed(), Counted(), InProgress({ age: true }), CountExceptions(), Counted({ name: 'x_total' })];
    const gauge = GaugeFrom({ name: 'sizes', aggregate: 'sum' });
    function make() {
      class Model {
        run() {}
        size() { return 1; }
      }
      for (const decorate of decorators) decorate(Model.prototype, 'run');
      gauge(Model.prototype, 'size');
      const model = new Model();
      model.run();
      model.size();
    }
    async function heap(classes) {
      for (let i = 0; i < classes; i++) {
        make();
        if (i % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      for (let i = 0; i < 5; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        gc();
        await register.metrics();
      }
      return process.memoryUsage().heapUsed;
    }
    await heap(500);
    const before = await heap(500);
    const after = await heap(4000);
    const methods = register.manifest().map(({ methods }) => methods.length);
    console.log(Math.max(...methods), (after - before) / 4000 < 500 || (after - before) / 4000);
    `,
    ['--expose-gc'],
  );
  expect(output).toBe('1 true\n');
});

test('an instance that is garbage-collected leaves the page', async () => {
  const output = await runProgram(
    `
    import { GaugeFrom, register, trackGauges } from 'promark';
    class Queue {
      constructor(name, count) {
        this.name = name;
        this.count = count;
        trackGauges(this);
      }
      size() {
        return this.count;
      }
    }
    const member = Object.getOwnPropertyDescriptor(Queue.prototype, 'size');
    const decorate = GaugeFrom({ name: 'jobs', labels: { queue: (queue) => queue.name } });
    Object.defineProperty(Queue.prototype, 'size', decorate(Queue.prototype, 'size', member));
    const kept = new Queue('kept', 1);
    let dropped = new Queue('dropped', 2);
    const page = async () => (await register.metrics()).split('\\n').filter((line) => line.startsWith('jobs')).join(' ');
    console.log(await page());
    dropped = undefined;
    for (let i = 0; i < 10 && (await page()).includes('dropped'); i++) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
    console.log(await page(), kept.count);
    `,
    ['--expose-gc'],
  );
  expect(output).toBe('jobs{queue="kept"} 1 jobs{queue="dropped"} 2\njobs{queue="kept"} 1 1\n');
});

test('promises that are rejected without a handler are reported exactly once', async () => {
  // In a separate process, because the test runner swallows such reports.
  const output = await runProgram(`
    import { Counted, InProgress, Timed } from 'promark';
    const subject = { run: () => Promise.reject(new Error('nobody')) };
    for (const decorate of [Timed(), Counted(), InProgress()]) {
      Object.defineProperty(subject, 'run', decorate(subject, 'run', Object.getOwnPropertyDescriptor(subject, 'run')));
    }
    process.on('unhandledRejection', (error) => console.log('reported', error.message));
    subject.run();
  `);
  expect(output).toBe('reported nobody\n');
});

test('calls are recorded without reflect-metadata', async () => {
  const output = await runProgram(`
    import { Counted, register, Timed } from 'promark';
    class Subject {
      run() {
        return 'ran';
      }
    }
    for (const decorate of [Timed(), Counted()]) {
      const member = Object.getOwnPropertyDescriptor(Subject.prototype, 'run');
      Object.defineProperty(Subject.prototype, 'run', decorate(Subject.prototype, 'run', member));
    }
    console.log(typeof Reflect.getMetadata, new Subject().run());
    console.log((await register.metrics()).split('\\n').find((line) => line.startsWith('method_calls_total')));
  `);
  expect(output).toBe(
    'undefined ran\nmethod_calls_total{class="Subject",method="run",result="ok",exception="none"} 1\n',
  );
});
