import { endStream } from '../../stream';

export const dynamic = 'force-dynamic';
export const GET = () => endStream(new Error('on purpose'));
