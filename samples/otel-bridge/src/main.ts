import { register } from 'promark';
import { Kitchen } from './kitchen.js';
import { startTelemetry } from './telemetry.js';

const telemetry = startTelemetry();
const kitchen = new Kitchen();
for (const dish of ['soup', 'bread', 'soup', 'lasagne']) await kitchen.serve(dish);

// The same numbers both ways: over OTLP, and as a page with exemplars, which the OpenTelemetry SDK does not export.
const page = await register.render('application/openmetrics-text;version=1.0.0');
console.log(page.text);
await telemetry.stop();
