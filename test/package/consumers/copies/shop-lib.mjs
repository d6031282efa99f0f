import * as copy from 'promark';
import { of } from 'rxjs';

export { copy };

export class Shop {
  order() {}

  async cancel() {}

  watch() {
    return of(1, 2);
  }

  get open() {
    return 7;
  }
}

const decorated = {
  order: copy.Counted(),
  cancel: copy.Timed(),
  watch: copy.Counted(),
  open: copy.GaugeFrom({ name: 'shop_open', help: 'Open' }),
};
for (const [key, decorate] of Object.entries(decorated)) {
  decorate(Shop.prototype, key, Object.getOwnPropertyDescriptor(Shop.prototype, key));
}
