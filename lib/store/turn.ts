/** Something with work that is put off to the end of a turn. */
export interface TurnWork {
  /** Writes down what has changed. All do this before the first one settles. */
  describe(): void;
  /** Lets readers see it, and gives up what only readers of the state before needed. */
  settle(): void;
}

/**
 * The present turn of the event loop: all that a program does without giving way to anything else. What it does to a
 * family in one turn is seen elsewhere as a whole or not at all.
 */
class Turn {
  private work = new Set<TurnWork>();

  /** Does the work at the end of the turn. Adding it twice changes nothing. */
  add(work: TurnWork): void {
    if (this.work.size === 0) queueMicrotask(() => this.end());
    this.work.add(work);
  }

  /** Does the work at once, where a reader is about to be sent on. */
  end(): void {
    const { work } = this;
    if (work.size === 0) return;
    this.work = new Set();
    for (const one of work) one.describe();
    for (const one of work) one.settle();
  }
}

export const turn = new Turn();
