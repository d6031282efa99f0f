import { defineCounter } from 'promark/nest';

export const parcelsShipped = defineCounter({
  name: 'parcels_shipped_total',
  help: 'Parcels that a carrier has taken',
  labelNames: ['tier'],
});
