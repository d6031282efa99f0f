import { PromarkError, reasonOf } from '../../model/errors.js';
import type { FamilySnapshot, Sample } from '../../model/family.js';
import { FAMILY_TYPES } from '../../model/family-types.js';

/** Reads a page in JSON. Throws PromarkError for anything else. */
export function parseJson(page: string): FamilySnapshot[] {
  let families: unknown;
  try {
    families = JSON.parse(page);
  } catch (error) {
    throw new PromarkError(`The page is not JSON: ${reasonOf(error)}.`, { cause: error });
  }
  if (!Array.isArray(families) || !families.every(isFamily)) {
    throw new PromarkError('The JSON is not a list of families with samples, as the page of promark in JSON is.');
  }
  return families.map((family) => ({ ...family, samples: family.samples.map(withNumber) }));
}

/** Whether a value has the form of a family with samples. */
export function isFamily(value: unknown): value is FamilySnapshot {
  const { name, type, help, unit, samples } = (value ?? {}) as Partial<Record<keyof FamilySnapshot, unknown>>;
  const isText = [name, help, unit].every((text) => typeof text === 'string');
  return (
    isText && FAMILY_TYPES.includes(type as FamilySnapshot['type']) && Array.isArray(samples) && samples.every(isSample)
  );
}

function isSample(value: unknown): value is Sample {
  const { name, labels, value: number } = (value ?? {}) as Partial<Record<keyof Sample, unknown>>;
  const isNumber = typeof number === 'number' || number === 'NaN' || /^-?Infinity$/.test(String(number));
  return typeof name === 'string' && typeof labels === 'object' && labels !== null && isNumber;
}

function withNumber(sample: Sample): Sample {
  const { exemplar, native } = sample;
  return {
    ...sample,
    value: Number(sample.value),
    ...(exemplar && { exemplar: { ...exemplar, value: Number(exemplar.value) } }),
    ...(native && { native: { ...native, sum: Number(native.sum) } }),
  };
}
