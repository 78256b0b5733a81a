/** The zone of this phone, e.g. `Asia/Shanghai`. */
export function hereZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** All zones that this browser knows; none in one that cannot list them: the field takes any. */
export function timeZones(): readonly string[] {
  return typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : []
}
