import type { AnyMethod } from '../calls/dialect.js';
import type { LabelName, LabelSpec } from '../model/labels.js';
import type { Registry } from '../registry/registry.js';
import type { Classify, DecoratorLabels, LabelSource } from './labels.js';

/** What every mark can be told, whatever it records on. */
export interface PlaceOptions {
  /** What the `class` label says. Default: the name of the class that declares the method. Set it where code is minified. */
  readonly class?: string;
  /** What the `method` label says. Default: the method's name. */
  readonly method?: string;
}

/** What a mark can be told that records on a metric of the user's. */
export interface TargetOptions<This, V extends AnyMethod, L extends LabelSpec> extends PlaceOptions {
  /** Where the metric's labels get their values from. The mark fills `class`, `method`, `result` and `exception` itself. */
  readonly labels?: TargetLabels<This, V, L>;
}

/**
 * Sources for the labels of a metric, by name. All those that the mark does not fill by itself need one: their lack is an
 * error when the class is defined.
 */
export type TargetLabels<This, V extends AnyMethod, L extends LabelSpec> = {
  readonly [N in LabelName<L>]?: LabelSource<This, V>;
};

/** What a mark can be told that makes its family, or uses the default one. */
export interface FamilyOptions<This, V extends AnyMethod> extends PlaceOptions {
  /** The family's name. Default: the family that all marks of this kind share. */
  readonly name?: string;
  /** The family's help text. Default: one that fits the decorator. */
  readonly help?: string;
  /** The unit, such as `seconds`: the end of the name (before a counter's `_total`). Default: none. */
  readonly unit?: string;
  /** Labels of the family besides those that the decorator adds, and where they get their values. Only with a `name`. */
  readonly labels?: DecoratorLabels<This, V>;
  /** The most series before observations go to one overflow series. Default: the registry's; 0 for no limit. */
  readonly maxSeries?: number;
  /** The registry. Default, at each call: that bound to the instance, to the class, or the default registry. */
  readonly registry?: Registry;
}

/** What the decorators can be told that record how a call ended. */
export interface EndingOptions<This, V extends AnyMethod> {
  /** Decides how a call ended where the usual rule is not right. Default: `error` if it fails, `cancelled` for AbortError. */
  readonly classify?: Classify<This, V>;
}
