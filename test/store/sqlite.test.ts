import { storeContract } from '../contract/store-contract.ts';
import { sqlite } from '../support/databases.ts';

storeContract(sqlite());
