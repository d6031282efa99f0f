import { httpMetrics } from 'promark/fetch';

export const measure = httpMetrics({ responseSize: true });
