import { type TSchema, TypeGuard } from '@sinclair/typebox'

/** The values of `type` that a frame's schema allows; none where it does not say. */
export function typesOf(schema: TSchema): string[] {
  const type = TypeGuard.IsObject(schema) ? schema.properties.type : undefined
  const members = TypeGuard.IsUnion(type) ? type.anyOf : [type]
  return members.flatMap((member) => (TypeGuard.IsLiteralString(member) ? [member.const] : []))
}
