import { SerialPort } from 'serialport'
import type { LinkConfig } from '#domain/config.ts'
import type { Connect } from './link.ts'

type SerialConfig = Extract<LinkConfig, { type: 'serial' }>

/** A serial port of this machine. The adapter may be pulled out and put back in. */
export const connectSerial =
  ({ path, baudRate, dataBits = 8, parity = 'none', stopBits = 1 }: SerialConfig): Connect =>
  (events) => {
    const port = new SerialPort({ path, baudRate, dataBits, parity, stopBits, autoOpen: false })
    let closing = false
    port.on('data', events.bytes)
    // A read that fails also closes the port; a write that fails is seen as silence.
    port.on('error', () => {})
    port.on('close', (error: Error | null) => events.closed(error?.message ?? 'port closed'))
    port.open((error) => {
      if (closing) port.close(() => {})
      else if (error) events.closed(error.message)
      else events.opened()
    })
    return {
      write: (bytes) => void port.write(bytes),
      close() {
        closing = true
        if (port.isOpen) port.close(() => {})
      },
    }
  }
