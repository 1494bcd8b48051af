import { defineConfig } from 'drizzle-kit'

/** Used by `generate.ts`: drizzle-kit compares src/store/schema.ts with the last snapshot and writes the next migration here. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/store/schema.ts',
  out: './drizzle',
  casing: 'snake_case',
})
