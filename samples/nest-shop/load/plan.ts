/** The n-th customer's order: the same for every run, so that what the shop counts can be foretold. */
export function plannedOrder(n: number): { tier: string; sku: string; quantity: number; card: string } {
  return {
    tier: ['gold', 'silver', 'bronze'][n % 3] ?? 'gold',
    // Samovars are sold out.
    sku: n % 10 === 9 ? 'samovar' : n % 2 === 0 ? 'teapot' : 'kettle',
    quantity: 1 + (n % 4),
    card: n % 7 === 6 ? 'declined' : 'good',
  };
}
