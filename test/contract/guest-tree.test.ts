import { describe } from 'vitest'
import { memoryGuest } from '../support/guest-tree.ts'
import { guestTreeContract } from './guest-tree.ts'

describe('the guest in memory', () => {
  guestTreeContract(async () => {
    const tree = memoryGuest({})
    await tree.makeFolder('/home')
    return { tree, folder: '/home' }
  })
})
