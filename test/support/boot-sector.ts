import { closeSync, openSync, writeSync } from 'node:fs'

// A PC loads the sector to 0x7c00 and jumps there: cli; xor ax,ax; mov ds,ax; mov si,TEXT; cld;
// again: lodsb; test al,al; jz done; mov dx,0x3f8; out dx,al; jmp again; done: hlt; jmp done
const code = Buffer.from('fa31c08ed8be177cfcac84c07406baf803eeebf5f4ebfd', 'hex')
const mostCharacters = 510 - code.length - 1

/** Makes a disk bootable by BIOS: it prints the text on the first serial port and stops. */
export function writeBootSector(disk: string, text: string): void {
  if (text.length > mostCharacters) throw new Error(`a boot sector has room for ${mostCharacters} characters`)
  const sector = Buffer.alloc(512)
  code.copy(sector)
  sector.write(text, code.length, 'latin1')
  sector.writeUInt16LE(0xaa55, 510)
  const file = openSync(disk, 'r+')
  writeSync(file, sector, 0, sector.length, 0)
  closeSync(file)
}
