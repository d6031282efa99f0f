import {
  CountExceptions,
  Counted,
  Gauge,
  GaugeFrom,
  InProgress,
  Instrumented,
  Observe,
  Skip,
  Timed,
  trackGauges,
} from 'promark';

export interface Book {
  readonly title: string;
  readonly pages: number;
}

const readers = new Gauge({ name: 'library_readers', help: 'Readers at their desks' });

/** Each decorator once, on a class that is no part of any framework. */
export class Library {
  private readonly shelf: Book[] = [];

  constructor(readonly city: string) {
    // Only `experimentalDecorators` needs this: it lets the page know of the instance before anybody reads the getter.
    trackGauges(this);
  }

  // How long it takes, by the default family.
  @Timed()
  async order(book: Book): Promise<Book> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.shelf.push(book);
    return book;
  }

  // How often, with a family and a label of its own. The argument's type is known to the label function.
  @Counted({ name: 'library_loans_total', labels: { length: (book: Book) => (book.pages > 500 ? 'long' : 'short') } })
  lend(book: Book): string {
    return book.title;
  }

  // How many are at it, on a metric that was made above.
  @InProgress(readers)
  async read(book: Book, evening: Promise<void>): Promise<number> {
    await evening;
    return book.pages;
  }

  // How often it fails.
  @CountExceptions()
  find(title: string): Book {
    const book = this.shelf.find((one) => one.title === title);
    if (book === undefined) throw new RangeError(`No ${title} here`);
    return book;
  }

  // A number from the arguments.
  @Observe({ name: 'library_fine_euros', buckets: [1, 5, 20], value: (euros: number) => euros })
  fine(_euros: number): void {}

  // A number that is read at every scrape.
  @GaugeFrom({ name: 'library_books', labels: { city: (library: Library) => library.city } })
  get books(): number {
    return this.shelf.length;
  }
}

/** Everything that the class has, but for what it skips. */
@Instrumented({ counted: true })
export class Door {
  open(): void {}

  close(): void {}

  @Skip()
  look(): void {}
}
