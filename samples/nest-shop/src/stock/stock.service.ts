import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { Counted, Histogram, InProgress, Timed } from 'promark';

const stockSeconds = new Histogram({
  name: 'stock_seconds',
  help: 'Time of a look into the stock',
  labelNames: ['method', 'result'],
  buckets: [0.000001, 0.00001, 0.0001, 0.001, 0.01],
});

/** How many of one kind a shelf holds. */
const FULL = 5000;

/** What is on the shelves. */
@Injectable()
export class StockService {
  private readonly shelves = new Map([
    ['teapot', FULL],
    ['kettle', FULL],
    ['samovar', 0],
  ]);

  /** Takes items off the shelf. Throws ConflictException if there are too few. */
  @Timed(stockSeconds)
  @Counted()
  take(sku: string, quantity: number): void {
    const there = this.available(sku);
    if (there < quantity) throw new ConflictException(`There are ${there} of ${sku}, not ${quantity}.`);
    this.shelves.set(sku, there - quantity);
  }

  /** Puts items back onto the shelf. */
  @Counted()
  putBack(sku: string, quantity: number): void {
    this.shelves.set(sku, this.available(sku) + quantity);
  }

  /** Puts half a shelf of what is more than half gone. What is sold out stays so. */
  refill(): void {
    for (const [sku, there] of this.shelves) {
      if (there > 0 && there < FULL / 2) this.shelves.set(sku, there + FULL / 2);
    }
  }

  /** The number of each item. */
  levels(): [sku: string, there: number][] {
    return [...this.shelves];
  }

  /** The number of items on the shelf. Throws NotFoundException for items that the shop does not sell. */
  @InProgress({ name: 'stock_lookups_in_progress', help: 'Looks into the stock that are going on' })
  available(sku: string): number {
    const there = this.shelves.get(sku);
    if (there === undefined) throw new NotFoundException(`The shop sells no ${sku}.`);
    return there;
  }
}
