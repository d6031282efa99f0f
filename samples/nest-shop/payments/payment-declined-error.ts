/** The card was not good for the amount. */
export class PaymentDeclinedError extends Error {
  override name = 'PaymentDeclinedError';

  constructor(amount: number) {
    super(`The card was declined for ${(amount / 100).toFixed(2)}.`);
  }
}
