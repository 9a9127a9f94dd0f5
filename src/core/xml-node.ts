import { XMLBuilder } from 'fast-xml-parser'

/** What is built into XML: keys with `@` are attributes, `#text` is text, a list is several elements of one name. */
export type XmlNode = { [name: string]: XmlNode | readonly XmlNode[] | string | number }

/** The text of an element and what is in it. */
export function buildXml(name: string, node: XmlNode): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
    // A network may be called "true", and XML has no attributes without a value.
    suppressBooleanAttributes: false,
  })
  return builder.build({ [name]: node })
}
