import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Debian's own: GStreamer's bindings are installed for no other. */
const PYTHON = '/usr/bin/python3'
const script = fileURLToPath(new URL('rtsp-server.py', import.meta.url))

/** Why the tests with a real camera's stream cannot run here; undefined when they can. */
export const whyNoRtsp = (() => {
  if (spawnSync('ffmpeg', ['-version']).status !== 0) return 'ffmpeg is not installed'
  const found = spawnSync(PYTHON, [
    '-c',
    `import gi
gi.require_version('GstRtspServer', '1.0')
from gi.repository import Gst, GstRtspServer
Gst.init(None)
assert all(Gst.ElementFactory.find(name) for name in ('x264enc', 'rtph264pay', 'videotestsrc'))`,
  ])
  return found.status === 0 ? undefined : 'GStreamer’s RTSP server is not installed'
})()

/** A camera at this machine: GStreamer's RTSP server as a process, with `/live` and `/locked`. */
export type RtspServer = {
  port: number
  process: ChildProcess
  url(path: string, logIn?: string): string
  /** By its own process id, also when it is stopped. */
  close(): Promise<void>
}

export async function startRtspServer(port = 0): Promise<RtspServer> {
  const child = spawn(PYTHON, [script, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const own = Number(line)
  return {
    port: own,
    process: child,
    url: (path, logIn) => `rtsp://${logIn === undefined ? '' : `${logIn}@`}127.0.0.1:${own}/${path}`,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
