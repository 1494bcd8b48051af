import { fieldsTable, schemaText } from './schema-html.ts'
import { isRecord } from './schemas.ts'

/**
 * Returns an AsyncAPI document as a page without scripts: its operations, the messages of each with their fields and examples, and the
 * schemas. It shows the parts that the server's own document has.
 * @param style the address of the style sheet
 */
export function socketPage(document: unknown, style: string): string {
  const { info, channels, operations, components } = recordOf(document)
  const { title, description } = recordOf(info)
  const { messages, schemas, securitySchemes } = recordOf(components)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${style}">
</head>
<body>
<nav>
<a href="../docs">REST</a> <a href="asyncapi.json">AsyncAPI document</a>
${list(operations, 'operation')}
<h2>Schemas</h2>
${list(schemas, 'schema')}
</nav>
<main>
<h1>${escaped(title)}</h1>
${prose(description)}
${each(channels, (_, channel) => `<p><code>${escaped(channel.address)}</code></p>${prose(channel.description)}`)}
<h2>Credentials</h2>
<dl>${each(securitySchemes, (name, scheme) => `<dt><code>${escaped(name)}</code></dt><dd>${prose(scheme.description)}</dd>`)}</dl>
${each(operations, (name, operation) => operationHtml(name, operation, recordOf(messages), recordOf(schemas)))}
<h2>Schemas</h2>
${each(
  schemas,
  (name, schema) =>
    `<section id="schema-${escaped(name)}"><h3>${escaped(name)}</h3>${prose(schema.description)}${fieldsTable(schema) ?? `<p>${schemaText(schema)}</p>`}</section>`,
)}
</main>
</body>
</html>
`
}

/** The style of the page. */
export const socketStyle = `
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1c1e21; display: grid; grid-template-columns: 16rem minmax(0, 1fr) }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; box-sizing: border-box; background: #f5f6f7 }
nav ul { list-style: none; padding: 0; margin: 0.5rem 0 }
main { padding: 1rem 2rem; max-width: 60rem }
section { border-top: 1px solid #ddd; margin-top: 1.5rem }
a { color: #0b57d0 }
code, pre { font: 14px/1.4 ui-monospace, monospace }
pre { background: #f5f6f7; padding: 0.75rem; overflow: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid #eee }
@media (max-width: 45rem) { body { display: block } nav { position: static; height: auto } main { padding: 1rem } }
`

function operationHtml(
  name: string,
  { action, summary, messages, reply }: Part,
  known: Part,
  schemas: Part,
): string {
  const own = refs(messages)
  const replies = refs(recordOf(reply).messages)
  const by = action === 'receive' ? 'The client sends' : 'The server sends'
  return `<section id="operation-${escaped(name)}"><h2>${escaped(name)}</h2><p>${by}. ${inline(summary)}</p>
${own.map((message) => messageHtml(message, recordOf(known[message]), schemas)).join('')}
${replies.length === 0 ? '' : '<p>The server answers:</p>'}
${replies.map((message) => messageHtml(message, recordOf(known[message]), schemas)).join('')}</section>`
}

function messageHtml(name: string, { description, payload, examples }: Part, schemas: Part): string {
  const schema = refName(payload)
  const fields = schema === null ? null : fieldsTable(recordOf(schemas[schema]))
  const shown = Array.isArray(examples) ? examples.map(recordOf) : []
  return `<h3>${escaped(name)}</h3>${prose(description)}
<p>${schemaText(recordOf(payload))}</p>${fields ?? ''}
${shown.map((example) => `<p>${inline(example.summary)}</p><pre>${escaped(JSON.stringify(example.payload, null, 2))}</pre>`).join('')}`
}

type Part = Readonly<Record<string, unknown>>

function list(parts: unknown, kind: string): string {
  return `<ul>${each(parts, (name) => `<li><a href="#${kind}-${escaped(name)}">${escaped(name)}</a></li>`)}</ul>`
}

function each(parts: unknown, show: (name: string, part: Part) => string): string {
  return Object.entries(recordOf(parts))
    .map(([name, part]) => show(name, recordOf(part)))
    .join('')
}

/** The names at the ends of references. */
function refs(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((each) => refName(each) ?? []) : []
}

function refName(value: unknown): string | null {
  const { $ref } = recordOf(value)
  return typeof $ref === 'string' ? $ref.slice($ref.lastIndexOf('/') + 1) : null
}

/** Paragraphs of a description. */
function prose(text: unknown): string {
  if (typeof text !== 'string' || text === '') return ''
  return text
    .split('\n\n')
    .map((paragraph) => `<p>${inline(paragraph)}</p>`)
    .join('')
}

/** Text in which what stands between back-quotes is code. */
function inline(text: unknown): string {
  return escaped(text ?? '').replaceAll(/`([^`]*)`/g, '<code>$1</code>')
}

function escaped(value: unknown): string {
  return Bun.escapeHTML(String(value ?? ''))
}

function recordOf(value: unknown): Part {
  return isRecord(value) ? value : {}
}
