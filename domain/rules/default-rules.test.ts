import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { targetTemperatureByAgeC } from '../climate-targets.ts'
import { metrics } from '../metrics.ts'
import { defaultRules } from './default-rules.ts'
import { freshState, type JudgeChange, judge } from './judge.ts'
import { limitAt, type Rule, Rule as RuleSchema } from './rule.ts'

const rules = defaultRules()
const ruleNamed = (id: string) => rules.find((rule) => rule.id === id) as Rule
const T0 = Date.UTC(2026, 5, 1)

/** Says `value` once a second and returns the seconds at which something changed. */
function changes(
  rule: Rule,
  ageDays: number | undefined,
  values: (second: number) => number,
  seconds: number,
) {
  let state = freshState(T0)
  const found: [number, JudgeChange['kind']][] = []
  for (let second = 0; second <= seconds; second++) {
    const result = judge(rule, ageDays, state, { t: T0 + second * 1000, value: values(second) })
    state = result.state
    if (result.change) found.push([second, result.change.kind])
  }
  return found
}

describe('default rules', () => {
  it('have ids that differ', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
  })

  it.each(rules)(
    '$id is a rule of the right shape, with a source and limits that its metric can reach',
    (rule) => {
      expect([...Value.Errors(RuleSchema, rule)]).toEqual([])
      expect(rule.source.length).toBeGreaterThan(5)
      if (rule.siren) expect(rule.severity).toBe('critical')
      const { min, max } = metrics[rule.metric as keyof typeof metrics]
      if (rule.condition.kind !== 'above' && rule.condition.kind !== 'below') return
      for (const ageDays of [0, 5, 27, 60]) {
        const limit = limitAt(rule.condition.limit, ageDays) as number
        expect(limit).toBeGreaterThan(min)
        expect(limit).toBeLessThan(max)
      }
    },
  )

  it.each([0, 4, 10, 20, 27, 50])('at %d days air-hot is 5 °C above the target', (age) => {
    const { condition } = ruleNamed('air-hot')
    const limit = condition.kind === 'above' ? limitAt(condition.limit, age) : undefined
    expect(limit).toBeCloseTo((targetTemperatureByAgeC(age) as number) + 5, 1)
  })

  it('a stopped fan is raised 10 s after it stopped, and cleared when it runs', () => {
    const running = (second: number) => (second >= 5 && second < 60 ? 0 : 1)
    expect(changes(ruleNamed('fan-stopped'), undefined, running, 90)).toEqual([
      [15, 'raised'],
      [60, 'cleared'],
    ])
  })

  it('a fan that drops out for a moment is none', () => {
    expect(changes(ruleNamed('fan-stopped'), undefined, (second) => (second % 20 < 8 ? 0 : 1), 90)).toEqual(
      [],
    )
  })

  it('heat that rises by 3 °C within 10 minutes is raised below the limit too', () => {
    const raised = changes(ruleNamed('heat-rise'), 35, (second) => 20 + second / 180, 600)
    expect(raised).toEqual([[540, 'raised']])
  })

  it('heat that rises is one alarm, and over when it has been calm for 5 minutes', () => {
    const told = changes(
      ruleNamed('heat-rise'),
      35,
      (second) => 20 + Math.min(second, 900) / 180 + (second % 7) / 20,
      3_000,
    )
    expect(told.map(([, kind]) => kind)).toEqual(['raised', 'cleared'])
  })

  it.each([
    ['climate-silent', 'air.temperature', 300, 'critical'],
    ['relay-silent', 'fan.running', 300, 'critical'],
    ['nh3-silent', 'air.nh3', 600, 'warning'],
  ])('%s: %s is missed after %d s', (id, metric, afterS, severity) => {
    const rule = ruleNamed(id)
    expect(rule).toMatchObject({ metric, severity, siren: false })
    const { state } = judge(rule, undefined, freshState(T0), { t: T0, value: 1 })
    expect(judge(rule, undefined, state, { t: T0 + afterS * 1000 }).change).toBeUndefined()
    expect(judge(rule, undefined, state, { t: T0 + afterS * 1000 + 1 }).change?.kind).toBe('raised')
  })

  it('without a flock there is no target, and no alarm', () => {
    expect(changes(ruleNamed('air-hot'), undefined, () => 40, 200)).toEqual([])
  })
})
