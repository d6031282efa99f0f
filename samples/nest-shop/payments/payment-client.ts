import { setTimeout as pause } from 'node:timers/promises';
import { Counted, Counter, InProgress, Timed } from 'promark';
import { PaymentDeclinedError } from './payment-declined-error.js';

const charges = new Counter({
  name: 'payment_charges_total',
  help: 'Charges by their outcome',
  labelNames: ['result', 'exception'],
});

/** Charges cards, by a provider that takes its time. Here it is a make-believe one. */
export class PaymentClient {
  private count = 0;

  /** Charges an amount in cents. Throws PaymentDeclinedError for a card called `declined`. */
  @Timed({ name: 'payment_charge_seconds', help: 'Time of a charge', buckets: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5] })
  @Counted(charges)
  @InProgress()
  async charge(card: string, amount: number): Promise<string> {
    this.count += 1;
    await pause(this.count % 10 === 0 ? 150 : 20);
    if (card === 'declined') throw new PaymentDeclinedError(amount);
    return `charge-${this.count}`;
  }
}
