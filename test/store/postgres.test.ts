import { storeContract } from '../ports/store.ts'
import { useStores } from './stores.ts'

storeContract(useStores('postgres'))
