import { defineConfig } from 'drizzle-kit'

/** `bun run generate` compares src/store/schema.ts with the last snapshot and writes the next migration here. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/store/schema.ts',
  out: './drizzle',
  casing: 'snake_case',
})
