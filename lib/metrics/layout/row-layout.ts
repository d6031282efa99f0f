import type { FamilyDescriptor } from '../../model/descriptor.js';
import type { Sketch } from '../sketch/sketch.js';
import { BucketLayout } from './buckets.js';
import type { RowLayout } from './layout.js';
import { QuantileLayout } from './quantiles.js';
import { ScalarLayout } from './scalar.js';

/** The layout that a descriptor names. `sketchesOf` gives the sketches of a row's window as of now. */
export function rowLayout(
  { layout, shape, width }: Pick<FamilyDescriptor, 'layout' | 'shape' | 'width'>,
  sketchesOf: (row: number) => readonly Sketch[],
): RowLayout {
  switch (layout.kind) {
    case 'cells':
      return new ScalarLayout(shape.length, layout.initial);
    case 'buckets':
      return new BucketLayout(shape.length - 2, width);
    case 'quantiles':
      return new QuantileLayout(layout.ranks, sketchesOf);
  }
}
