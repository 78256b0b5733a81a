/**
 * Everything the edge counts, and what to do when it rises. The names travel to the cloud's health page; the
 * advice stands in the log beside the first event of each minute.
 */
export const counterAdvice = {
  'mqtt.login-failed':
    'a client logs in with an unknown user or a wrong token: compare its user and token with `users` in the configuration',
  'mqtt.foreign-topic':
    'a client publishes outside its own topics and was disconnected: correct its topic, or the device that names its user',
  'mqtt.unlisted-topic':
    'a gateway publishes for a device that is not in `mqttDevices`, or about itself: list the device if it matters',
  'mqtt.subscription-refused':
    'a client subscribes to what is not its own: no harm done, correct its configuration',
  'mqtt.too-large': 'a client announced a packet above the limit and was disconnected before it was read',
  'mqtt.too-many-clients':
    'more connections than the broker takes: look for a device that reconnects in a loop',
  'mqtt.protocol-error':
    'a client broke off or does not speak MQTT 3.1.1: check what is connected to this port',
  'rejected.not-json': 'a payload is not JSON: check the device or its dialect',
  'rejected.not-valid': 'a payload has not the shape of its topic: see the example on the health page',
  'rejected.not-a-number':
    'a device says something that is no number: it has lost its sensor, or `metrics` maps the wrong name',
  'rejected.unmapped': 'a device says names that no metric is known for: add them to its `metrics`',
  'rejected.unknown-metric': 'a value names a metric that is not in the catalogue',
  'rejected.implausible': 'a value is outside what its metric can be: check the sensor and its wiring',
  'rejected.from-the-future':
    'a value is stamped ahead of this clock: check the clocks of the device and of this node',
  'rejected.before-2020': 'a value has no sensible time: check the clock of the device',
  'rejected.bad-time': 'a time is no whole number of milliseconds since 1970: correct what the device sends',
  'rejected.too-many-series':
    'a device names ever new models or persons: check what publishes under its topic',
  'rejected.bad-frame': 'a picture, a thermal frame or a block of sound is cut short or has the wrong format',
  'sparkplug.gap':
    'messages of a Sparkplug node were lost on the way: it is asked to be born anew, look at its network if this goes on',
  'sparkplug.unborn':
    'a Sparkplug node sends data without a birth: it is asked for one; see that it listens to its NCMD topic',
  'sparkplug.unknown-alias':
    'a Sparkplug node names an alias that its birth did not: it is asked for a new birth',
  'sparkplug.rebirth-asked': '',
  'publish.away':
    'the broker that values are published to cannot be reached: see `publish` in the configuration',
  'ingest.stored': '',
  'ingest.duplicate': '',
  'ingest.late': '',
  'ingest.restamped':
    'a device or a bridge on another machine has a wrong date: its values count from when they arrived; set its clock',
  'ingest.dropped':
    'too much waits for the store: what came beyond was judged and not kept; a sender that waits for an acknowledgement still has it',
  'pictures.kept': '',
  'pictures.removed': '',
  'pictures.dropped': 'a picture was not kept: check the disk, and how much room `edge.keep` leaves it',
  'sound.kept': '',
  'sound.removed': '',
  'sound.dropped': 'sound was not kept: check the disk, and how much room `edge.keep` leaves it',
  'store.commit-failed':
    'the store does not take writes: check the disk; nothing is acknowledged until it does',
  'store.put-back':
    'the database is older than what the cloud has of it (restored, or a card that forgets): all of it is sent again',
  'store.set-aside':
    'the database was damaged, or of a version before the first release: it lies beside the new one with a time stamp in its name',
  'store.thinned':
    'the disk is full: of the oldest readings that were never sent only means of an hour are left; bring the line back or use a larger disk',
  'store.salvaged': '',
  'store.readings-damaged':
    'some stored readings cannot be read any more, the rest goes on: the card or disk fails, replace it',
  'clock.known': '',
  'clock.followed':
    'the clock of this machine was set while the time was not known: what is measured now is stamped by it',
  'clock.guessed':
    'this machine has so wrong a date that the certificate of the cloud looks invalid: values are dated by what the cloud says, but nothing can be sent until the date is set (`timedatectl`)',
  'clock.jumped':
    'the clock of this machine was set to a time that cannot be: it is not believed; look what sets it (`timedatectl`)',
  'clock.disputed':
    'the cloud tells another time than this machine’s time servers, or than it told before: check the clock of the cloud',
  'clock.readings-moved': '',
  'weigh.accepted': '',
  'weigh.too-light': '',
  'weigh.too-heavy': '',
  'weigh.several': '',
  'weigh.unsteady': '',
  'weigh.repeat': '',
  'weigh.unsure': '',
  'weigh.fault.not-a-number': 'a scale sends values that are no numbers: check its line and its converter',
  'weigh.fault.saturated': 'a scale is at the stop of its converter: check the load cell and its four wires',
  'weigh.fault.overloaded': 'a scale carries more than birds can weigh: is something or somebody on it?',
  'weigh.fault.frozen': 'a scale repeats one value to the last digit: restart its indicator',
  'weigh.fault.silent': 'a scale was silent for more than a minute: check its power and its line',
  'weigh.fault.clock-back': 'the clock of a scale stepped back: check the time of the device that reads it',
  'weigh.fault.zero-moved': 'a scale shows another zero than before: clean it, and see whether it hangs free',
  'weigh.fault.pounds':
    'a scale seems to have been switched between kg and lb: set the unit on its indicator',
  'weigh.fault.off-target':
    'what steps on a scale is not what is due: check the placement date, the breed and the calibration',
  'weigh.no-target': 'a scale weighs birds, but no flock is placed in its house: enter the flock',
  'alarm.raised': '',
  'alarm.cleared': '',
  'alarm.late': '',
  'siren.command': '',
  'sync.batches': '',
  'sync.retries': 'the cloud does not take requests: they are repeated',
  'sync.refused': 'the cloud refuses this edge: enrol it anew',
  'sync.gap': '',
  'sync.records-refused': 'the cloud takes a batch but for some records: they cannot be what they say',
  'sync.set-aside':
    'neither as it is nor packed anew can the cloud read a piece of the store: it is kept here, the rest goes on',
  'sync.clock-corrected': 'the clock of this node is off: switch on time synchronisation',
  'sync.enrolment-failed': 'enrolment was refused: make a new code on the page and set FLOCKWISE_ENROL_CODE',
} as const

export type CounterName = keyof typeof counterAdvice

export type Counters = {
  /** Adds to a counter. `what` says who or what it was; it is logged at most once a minute for each counter. */
  count(name: CounterName, what?: string, by?: number): void
  values(): Record<string, number>
}

const QUIET_MS = 60_000

/** `log` takes one line; `monotonic` is in milliseconds. */
export function createCounters(log: (line: string) => void, monotonic: () => number): Counters {
  const values = new Map<CounterName, number>()
  const logged = new Map<CounterName, number>()
  return {
    count(name, what, by = 1) {
      values.set(name, (values.get(name) ?? 0) + by)
      if (what === undefined) return
      const now = monotonic()
      const before = logged.get(name)
      if (before !== undefined && now - before < QUIET_MS) return
      logged.set(name, now)
      const advice = counterAdvice[name]
      log(`${name}: ${what}${advice && ` (${advice})`}`)
    },
    values: () => Object.fromEntries(values),
  }
}
