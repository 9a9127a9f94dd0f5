/** The first three letters of the days, Sunday first as JavaScript counts. */
export const weekDays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type WeekDay = (typeof weekDays)[number]

/** When a wave may begin: on some days, between two times of day. */
export interface Window {
  /** The days on which it opens; one that ends after midnight belongs to the day before. */
  readonly days: readonly WeekDay[]
  /** Minutes since midnight. The same twice is the whole day. */
  readonly from: number
  readonly to: number
  /** A name of the IANA time zone database. */
  readonly timeZone: string
}

export type WindowState = { readonly open: true } | { readonly open: false; readonly opens: string }

const dayMinutes = 24 * 60

/** Whether a window is open at a moment (ISO 8601), and if not when it opens next, such as `sat 2026-03-07 22:00 Europe/Paris`. */
export function windowAt(window: Window, now: string): WindowState {
  const { timeZone, from, to, days } = window
  const { date, minutes } = wallClock(Date.parse(now), timeZone)
  const opensOn = (offset: number) => days.includes(weekDays[dayOf(date, offset).getUTCDay()] ?? 'sun')
  // A part that ends after midnight began yesterday.
  const sinceToday = opensOn(0) && minutes >= from && (to <= from || minutes < to)
  const sinceYesterday = to < from && opensOn(-1) && minutes < to
  if (sinceToday || sinceYesterday) return { open: true }
  // Today's part may be over already; that day comes again in a week.
  const offset = [0, 1, 2, 3, 4, 5, 6, 7].find((days) => opensOn(days) && (days > 0 || minutes < from)) ?? 7
  const day = dayOf(date, offset)
  return {
    open: false,
    opens: `${weekDays[day.getUTCDay()]} ${day.toISOString().slice(0, 10)} ${clock(from)} ${timeZone}`,
  }
}

/** A window for a reader: `sat, sun 22:00 to 04:00 Europe/Paris`. */
export function windowText({ days, from, to, timeZone }: Window): string {
  const which = days.length === weekDays.length ? 'daily' : days.join(', ')
  return `${which} ${from === to ? '' : `${clock(from)} to ${clock(to)} `}${timeZone}`
}

/** Minutes since midnight of `22:00`; `24:00` is midnight, the end of the day. */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) % dayMinutes
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** What a clock on the wall shows; the date as `2026-03-07`. */
function wallClock(at: number, timeZone: string): { readonly date: string; readonly minutes: number } {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return { date: `${part.year}-${part.month}-${part.day}`, minutes: Number(part.hour) * 60 + Number(part.minute) }
}

function dayOf(date: string, offset: number): Date {
  return new Date(Date.parse(`${date}T00:00:00Z`) + offset * dayMinutes * 60_000)
}
