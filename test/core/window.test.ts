import { describe, expect, it } from 'vitest'
import { isTimeZone, minutesOf, type Window, weekDays, windowAt, windowText } from '../../src/core/window.ts'

const nights: Window = {
  days: ['sat', 'sun'],
  from: minutesOf('22:00'),
  to: minutesOf('04:00'),
  timeZone: 'Europe/Paris',
}
const office: Window = { days: ['mon'], from: minutesOf('09:30'), to: minutesOf('17:00'), timeZone: 'UTC' }

// 2026-03-07 is a Saturday. Paris is an hour ahead of UTC, and two from 2026-03-29 on.
describe('a window', () => {
  it.each<[string, Window, string, boolean | string]>([
    ['begins at its minute', nights, '2026-03-07T21:00:00Z', true],
    ['not before', nights, '2026-03-07T20:59:59Z', 'sat 2026-03-07 22:00 Europe/Paris'],
    ['goes on after midnight', nights, '2026-03-08T02:59:00Z', true],
    ['of the day on which it began', nights, '2026-03-09T02:59:00Z', true],
    ['and ends at its minute', nights, '2026-03-09T03:00:00Z', 'sat 2026-03-14 22:00 Europe/Paris'],
    ['does not begin by its end alone', nights, '2026-03-07T01:00:00Z', 'sat 2026-03-07 22:00 Europe/Paris'],
    ['follows the clocks of its zone', nights, '2026-04-04T20:00:00Z', true],
    ['within a day', office, '2026-03-09T16:59:59Z', true],
    ['is over on its only day for a week', office, '2026-03-09T17:00:00Z', 'mon 2026-03-16 09:30 UTC'],
    ['over the turn of a year', office, '2026-12-30T00:00:00Z', 'mon 2027-01-04 09:30 UTC'],
    ['of whole days', { ...office, from: 0, to: minutesOf('24:00') }, '2026-03-09T23:59:00Z', true],
    [
      'of every day, until midnight',
      { ...office, days: weekDays, from: minutesOf('22:00'), to: 0 },
      '2026-03-10T00:00:00Z',
      'tue 2026-03-10 22:00 UTC',
    ],
  ])('%s', (_name, window, now, expected) => {
    expect(windowAt(window, now)).toEqual(expected === true ? { open: true } : { open: false, opens: expected })
  })

  it('opens when it says so', () => {
    for (let hour = 0; hour < 24 * 14; hour++) {
      const now = new Date(Date.UTC(2026, 2, 2, hour)).toISOString()
      const state = windowAt(nights, now)
      if (state.open) continue
      const [, date = '', time = ''] = state.opens.split(' ')
      // Until the 29th of March.
      const opens = `${date}T${time}:00+01:00`
      expect(windowAt(nights, new Date(Date.parse(opens)).toISOString())).toEqual({ open: true })
      expect(Date.parse(opens)).toBeGreaterThan(Date.parse(now))
    }
  })

  it('reads as it stands in git', () => {
    expect(windowText(nights)).toBe('sat, sun 22:00 to 04:00 Europe/Paris')
    expect(windowText({ ...office, days: weekDays, from: 0, to: 0 })).toBe('daily UTC')
  })

  it('has a zone that there is', () => {
    expect(['UTC', 'Europe/Paris', 'Europe/Pariss', ''].map(isTimeZone)).toEqual([true, true, false, false])
  })
})
