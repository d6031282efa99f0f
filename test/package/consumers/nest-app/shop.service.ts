import { Injectable } from '@nestjs/common';
import { Counted, InProgress, Timed } from 'promark';

@Injectable()
export class ShopService {
  @Timed()
  @Counted({ name: 'orders_total', help: 'Orders', labels: { tier: (tier: string) => tier } })
  @InProgress()
  async order(tier: string): Promise<string> {
    return tier;
  }
}
