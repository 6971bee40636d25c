import type { Client, Transaction } from '@libsql/client';

export function beginWriting(client: Client, write: string): Promise<Transaction>;
