import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { environmentOf, inProject, programPath, readText, root } from './project.ts'

type Service = {
  image: string
  command?: string[]
  build?: { dockerfile: string }
  environment?: Record<string, string>
  secrets?: (string | { source: string; target: string })[]
  volumes?: string[]
  ports?: string[]
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
  restart?: string
  mem_limit?: string
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  networks?: string[]
  profiles?: string[]
}
type Compose = {
  services: Record<string, Service>
  volumes: Record<string, object>
  secrets: Record<string, { file: string }>
  networks: Record<string, { internal?: boolean }>
}

const text = readText('docker-compose.yml')
const compose = parse(text, { merge: true }) as Compose
const services = Object.entries(compose.services)

/** Which program of ours a service runs: the command says it, or, without one, the end of its Dockerfile. */
function appOf({ command, build }: Service): string | undefined {
  const line =
    command?.join(' ') ??
    (build &&
      readText(build.dockerfile)
        .split('\n')
        .findLast((l) => l.startsWith('CMD')))
  return line?.match(/([a-z-]+)\/main\.ts/)?.[1]
}
const own = services.flatMap(([name, service]) => {
  const app = appOf(service)
  return app === undefined ? [] : [{ name, app, service }]
})

describe('docker-compose.yml', () => {
  it('has the services of a deployment, those of the coop in a profile of their own', () => {
    const names = (wanted: boolean) =>
      services
        .filter(([, { profiles }]) => (profiles?.includes('edge') ?? false) === wanted)
        .map(([name]) => name)
    expect(names(false).sort()).toEqual(['cloud', 'grafana', 'influxdb', 'postgres'])
    expect(names(true).sort()).toEqual(['bridge', 'edge'])
    expect(own.map(({ name, app }) => [name, app])).toEqual([
      ['cloud', 'cloud'],
      ['edge', 'edge'],
      ['bridge', 'firmware-bridge'],
    ])
  })

  it.each(services)('%s comes back by itself, has a memory limit and gains no rights', (_name, service) => {
    expect(service.restart).toBe('unless-stopped')
    expect(service.mem_limit).toMatch(/^\d+[mg]$/)
    expect(service.security_opt).toContain('no-new-privileges:true')
  })

  it.each(own)('$name runs without capabilities on a read-only file system', ({ service }) => {
    expect(service.read_only).toBe(true)
    expect(service.cap_drop).toEqual(['ALL'])
  })

  it.each(services)('%s pins its image', (_name, { image }) => {
    expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/)
  })

  it.each(services)('%s has a health check, or waits for a service that has one', (_name, service) => {
    const hasOwn = (candidate: Service) =>
      candidate.healthcheck !== undefined ||
      (candidate.build !== undefined && /^HEALTHCHECK /m.test(readText(candidate.build.dockerfile)))
    const waitsFor = Object.entries(service.depends_on ?? {})
    expect(hasOwn(service) || waitsFor.length > 0).toBe(true)
    for (const [name, { condition }] of waitsFor) {
      expect(condition).toBe('service_healthy')
      expect(hasOwn(compose.services[name] as Service), name).toBe(true)
    }
  })

  it('holds no secret: what is secret is named by a file under /run/secrets', () => {
    for (const [name, { environment = {} }] of services) {
      for (const [key, value] of Object.entries(environment)) {
        if (!/PASSWORD|SECRET|TOKEN|KEY/.test(key)) continue
        expect(key, name).toMatch(/_FILE$/)
        expect(value, `${name} ${key}`).toMatch(/^\/run\/secrets\/[a-z_]+$/)
      }
    }
    expect(text).not.toMatch(/[0-9a-f]{32}/i)
  })

  it('declares every secret and volume that is used, and uses every one that is declared', () => {
    const used = services.flatMap(([, { secrets = [] }]) =>
      secrets.map((s) => (typeof s === 'string' ? s : s.source)),
    )
    expect([...new Set(used)].sort()).toEqual(Object.keys(compose.secrets).sort())
    const mounts = services.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(':')[0] as string),
    )
    const named = mounts.filter((source) => /^[a-z]/.test(source))
    expect([...new Set(named)].sort()).toEqual(Object.keys(compose.volumes).sort())
    for (const [name, { environment = {}, secrets = [] }] of services) {
      for (const value of Object.values(environment)) {
        const secret = value.match(/^\/run\/secrets\/(.+)$/)?.[1]
        if (secret !== undefined) expect(secrets, name).toContain(secret)
      }
    }
  })

  it('has a maker for every secret file', () => {
    const script = readText('deploy/make-secrets.sh')
    for (const { file } of Object.values(compose.secrets)) {
      expect(script).toMatch(new RegExp(`[ \\n]${file.replace('./secrets/', '').replace('.', '\\.')}[ ;]`))
    }
  })

  it('shows nothing to the outside world, and lets the stores talk to nobody outside', () => {
    for (const [name, { ports = [] }] of services) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/)
    }
    expect(compose.networks['stores']?.internal).toBe(true)
    for (const name of ['influxdb', 'postgres']) expect(compose.services[name]?.networks).toEqual(['stores'])
  })

  it.each(own)('$name is given only names that its main.ts reads', ({ app, service }) => {
    const known = environmentOf(app)
    for (const name of Object.keys(service.environment ?? {})) expect([...known], name).toContain(name)
  })

  it('is taken by Compose itself', (context) => {
    const compose = programPath('docker-compose')
    if (!compose) context.skip('docker-compose is not installed (Debian: apt-get install docker-compose)')
    const config = (file: string) =>
      spawnSync(compose as string, ['-f', file, '--profile', 'edge', 'config', '--quiet'], {
        cwd: root,
        encoding: 'utf8',
      })
    const folder = mkdtempSync(join(tmpdir(), 'flockwise-compose-'))
    try {
      const broken = join(folder, 'docker-compose.yml')
      writeFileSync(broken, text.replace('mem_limit: 1g', 'memory_limit: 1g'))
      expect(config(broken).status).not.toBe(0)
      expect(config(inProject('docker-compose.yml'))).toMatchObject({ status: 0, stderr: '' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 90_000)
})
