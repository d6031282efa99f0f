import { measure } from '../../measure';
import { openStream } from '../../stream';

export const dynamic = 'force-dynamic';
export const GET = measure('/stream', () => openStream('text/plain'));
