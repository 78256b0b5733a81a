import { beforeAll, describe, expect, it } from 'vitest'
import type { UrlLink } from '#domain/link-config.ts'
import { type RtspServer, startRtspServer, whyNoRtsp } from '../test/rtsp-server.ts'
import { probeCamera } from './probe.ts'
import { describe as describeProbed, linksFor, parsePort } from './report.ts'

const rtsp = (url: string): UrlLink => ({ type: 'rtsp', url })

it.each([
  ['rtsp://192.168.1.64/101', 'rtsp'],
  ['http://192.168.1.64/video', 'mjpeg'],
])('%s is a camera’s address', (text, type) => {
  expect(parsePort(text)).toEqual({ type, url: text })
})

describe.skipIf(whyNoRtsp)(
  `a camera${whyNoRtsp ? ` (skipped: ${whyNoRtsp})` : ''}`,
  { timeout: 40_000 },
  () => {
    let camera: RtspServer
    beforeAll(async () => {
      camera = await startRtspServer()
      return () => camera.close()
    })

    it('says its size, codec and rate, and how farm.yaml names it', async () => {
      const probed = await probeCamera(rtsp(camera.url('live')))
      expect(describeProbed(camera.url('live'), probed).split('\n')).toEqual([
        camera.url('live'),
        '  rtsp: picture 640 × 360, h264, 15 a second',
        '  rtsp: sound, pcm_alaw, 8000 samples a second: model microphone reads it',
      ])
      expect(linksFor([probed], 'h1', ['h1-camera'])).toEqual([
        {
          id: 'h1-camera-line',
          via: { type: 'rtsp', url: camera.url('live') },
          devices: [{ id: 'h1-camera-2', house: 'h1', model: 'camera' }],
        },
      ])
    })

    it('with a password is named without it', async () => {
      const url = camera.url('locked', 'cam:secret')
      const probed = await probeCamera(rtsp(url))
      const links = linksFor([probed], 'h1', [])
      expect(links[0]?.via).toEqual({
        type: 'rtsp',
        url: camera.url('locked'),
        user: 'cam',
        passwordFile: 'h1-camera.password',
      })
      expect(describeProbed(url, probed)).toContain('640 × 360')
      expect(JSON.stringify([links, describeProbed(url, probed)])).not.toContain('secret')
    })

    it('that lets nobody in, or is not there, says why', async () => {
      const refused = await probeCamera(rtsp(camera.url('locked', 'cam:hunter2')))
      expect(refused).toMatchObject({ kind: 'closed', reason: expect.stringContaining('401') })
      const gone = await probeCamera(rtsp('rtsp://cam:hunter2@127.0.0.1:1/'))
      expect(gone).toMatchObject({ kind: 'closed', reason: expect.stringContaining('refused') })
      expect(JSON.stringify([refused, gone])).not.toContain('hunter2')
      expect(linksFor([refused, gone], 'h1', [])).toEqual([])
    })
  },
)
