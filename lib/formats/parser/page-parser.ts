import { JSON_TYPE } from '../../model/content-types.js';
import { PromarkError, show } from '../../model/errors.js';
import type { FamilySnapshot } from '../../model/family.js';
import { parseJson } from './json-parser.js';
import { parseOpenMetrics } from './openmetrics-parser.js';
import { parseText } from './text-parser.js';

type Parse = (page: string) => FamilySnapshot[];

const PARSERS: Readonly<Record<string, Parse>> = {
  'text/plain': parseText,
  'text/plain 0.0.4': parseText,
  'text/plain 1.0.0': parseText,
  'application/openmetrics-text': (page) => parseOpenMetrics(page),
  'application/openmetrics-text 0.0.1': (page) => parseOpenMetrics(page),
  'application/openmetrics-text 1.0.0': (page) => parseOpenMetrics(page),
  [JSON_TYPE]: parseJson,
};

/**
 * Parses a page in the format of its Content-Type: text/plain (version 0.0.4, 1.0.0 or none),
 * application/openmetrics-text (version 1.0.0, 0.0.1 or none) or promark's application/json.
 *
 * Throws ParseError if the page violates its format, and PromarkError if the Content-Type is none of these.
 */
export function parsePage(page: string, contentType: string): FamilySnapshot[] {
  const [mediaType = '', ...parameters] = String(contentType)
    .split(';')
    .map((part) => part.trim().toLowerCase());
  const version = parameters.find((parameter) => parameter.startsWith('version='))?.slice('version='.length);
  const key = version === undefined ? mediaType : `${mediaType} ${version.replace(/^"(.*)"$/, '$1')}`;
  const parse = Object.hasOwn(PARSERS, key) ? PARSERS[key] : undefined;
  if (!parse) {
    throw new PromarkError(
      `Content type ${show(contentType)} cannot be parsed; text/plain of version 0.0.4 or 1.0.0, ` +
        'application/openmetrics-text of version 0.0.1 or 1.0.0 and application/json can.',
    );
  }
  return parse(page);
}
