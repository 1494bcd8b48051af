/*
 * Looks into one file, and writes what it is in one line: `program.ts FILE THUMBNAIL MAX_PIXELS`. Run by `index.ts`.
 */
import { constants, setPriority } from 'node:os'
import { examineFile } from './examine-file.ts'

const [, , file = '', thumbnail = '', maxPixels = ''] = process.argv
// Others wait for the server; this one waits for nobody.
setPriority(constants.priority.PRIORITY_LOW)
process.stdout.write(JSON.stringify(await examineFile(file, thumbnail, Number(maxPixels))))
