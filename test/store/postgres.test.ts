import { storeContract } from '../contract/store.ts'
import { useStores } from './stores.ts'

storeContract(useStores('postgres'))
