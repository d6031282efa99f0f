import { measure } from '../../../measure';

export const GET = measure('/fails/[id]', (): Response => {
  throw new Error('on purpose');
});
