/** Line drawings, 24 × 24. Beside each stands a word: none carries a meaning alone. */
const drawings = {
  danger: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 8v5M12 16.500v.01',
  warning: 'M12 4 2.5 20h19zM12 10v4.500M12 17.200v.01',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 8v.01',
  check: 'M4.5 12.500l5 5 10-11',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.500V12l3 2',
  offline:
    'M3 3l18 18M5 12.500a10 10 0 0 1 4-2.300M19 12.500a10 10 0 0 0-5-2.700M8.5 16a5 5 0 0 1 5.5-1M2 9a15 15 0 0 1 4-2.600M22 9a15 15 0 0 0-11-4M12 19.500v.01',
  signal: 'M5 12.500a10 10 0 0 1 14 0M8.5 16a5 5 0 0 1 7 0M2 9a15 15 0 0 1 20 0M12 19.500v.01',
  houses: 'M3 11l9-7 9 7M5 9.500V20h14V9.500M9.5 20v-6h5v6',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4',
  devices: 'M7 7h10v10H7zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4',
  more: 'M4 7h16M4 12h16M4 17h16',
  forward: 'M9 5l7 7-7 7',
  back: 'M15 5l-7 7 7 7',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  upload: 'M12 16V4M7 9l5-5 5 5M4 20h16',
  undo: 'M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6',
  pencil: 'M4 20l1-4L16 5l3 3L8 19z',
  close: 'M6 6l12 12M18 6L6 18',
} as const

export type IconName = keyof typeof drawings

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={drawings[name]} />
    </svg>
  )
}
