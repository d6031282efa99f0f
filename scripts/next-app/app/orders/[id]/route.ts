import { measure } from '../../../measure';

interface Context {
  readonly params: Promise<{ id: string }>;
}

export const GET = measure('/orders/[id]', async (_request: Request, { params }: Context) => {
  await params;
  return new Response('order');
});
