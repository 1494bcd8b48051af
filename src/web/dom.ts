/** The properties that an element may be given. There is no markup: everything is shown as text, whoever wrote it. */
type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[Tag], 'innerHTML' | 'outerHTML' | 'style'>
>

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties<Tag> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  Object.assign(made, properties)
  made.append(...children)
  return made
}

export function button(text: string, onclick: () => void, title = text): HTMLButtonElement {
  return element('button', { type: 'button', textContent: text, title, onclick })
}

/** Sets the children of the parent, in this order, and changes only those that differ. */
export function arrange(parent: Element, children: readonly Element[]): void {
  const wanted = new Set(children)
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove()
  for (const [index, child] of children.entries()) {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null)
  }
}

/** Shows why an action of the user failed. */
export function complain(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error)
  const notice = element('p', { className: 'notice', textContent: text })
  notice.setAttribute('role', 'alert')
  notice.onclick = () => notice.remove()
  document.querySelector('.notice')?.remove()
  document.body.append(notice)
}
