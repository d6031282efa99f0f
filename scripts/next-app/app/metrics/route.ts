import { fetchHandler } from 'promark';

export const dynamic = 'force-dynamic';
export const GET = fetchHandler();
