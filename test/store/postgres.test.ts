import { storeContract } from '../contract/store-contract.ts';
import { postgres } from '../support/databases.ts';

storeContract(postgres());
