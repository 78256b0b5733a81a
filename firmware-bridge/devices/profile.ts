import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { isMetric, type MetricId } from '#domain/metrics.ts'
import { isId } from '#domain/reading.ts'
import { type ConfigMistake, schemaMistakes } from '#domain/schema-mistakes.ts'
import { MAX_BITS, MAX_WORDS } from '../framers/modbus-pdu.ts'

/**
 * A Modbus device in data: the shape of the files that an installer puts beside farm.yaml, and of the profiles
 * that come along. profile-device.ts makes a definition of it.
 */
const strict = { additionalProperties: false } as const
const Name = Type.String({ minLength: 1, maxLength: 40 })
const Address = Type.Integer({ minimum: 0, maximum: 0xffff })
const Fc = Type.Enum([1, 2, 3, 4])

const NumberType = Type.Enum(['int16', 'uint16', 'int32', 'uint32', 'float32'])
export type NumberType = Static<typeof NumberType>
const ByteOrder = Type.Enum(['ABCD', 'CDAB', 'BADC', 'DCBA'])
export type ByteOrder = Static<typeof ByteOrder>

const ProfileField = Type.Object(
  {
    /** By which farm.yaml can point it at another metric. */
    name: Name,
    metric: Type.String(),
    /** 1 coil, 2 discrete input, 3 holding register (if it is left out), 4 input register. */
    fc: Type.Optional(Fc),
    /** Counted from 0, as on the line. */
    address: Address,
    /** Of a register; `int16` if it is left out. Coils and discrete inputs are bits and have none. */
    type: Type.Optional(NumberType),
    /** In which order the four bytes of 32 bits are sent; ABCD, the highest first, if it is left out. */
    order: Type.Optional(ByteOrder),
    /** value = raw × scale + offset, in the metric's unit. */
    scale: Type.Optional(Type.Number()),
    offset: Type.Optional(Type.Number()),
    /** Raw values, unsigned, by which the device says that it has none. */
    invalid: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 0xffff_ffff }), { maxItems: 20 })),
  },
  strict,
)
export type ProfileField = Static<typeof ProfileField> & { metric: MetricId }

const ProfileSpan = Type.Object(
  { fc: Fc, address: Address, count: Type.Integer({ minimum: 1, maximum: MAX_BITS }) },
  strict,
)
const Coil = Type.Optional(Type.Object({ coil: Address }, strict))

const Profile = Type.Object(
  {
    model: Type.String({ minLength: 1, maxLength: 64 }),
    title: Type.Optional(Type.Object({ zh: Name, en: Name }, strict)),
    /** Where the registers are from: a manual and its page. */
    source: Type.Optional(Type.String({ maxLength: 500 })),
    baudRate: Type.Optional(Type.Integer({ minimum: 300, maximum: 4_000_000 })),
    fields: Type.Array(ProfileField, { minItems: 1, maxItems: 100 }),
    /** Where the device answers only certain reads; else neighbours are read together. */
    reads: Type.Optional(Type.Array(ProfileSpan, { minItems: 1, maxItems: 20 })),
    /** Coils that a command switches. */
    outputs: Type.Optional(Type.Object({ siren: Coil, 'fan.emergency': Coil }, strict)),
  },
  strict,
)
export type Profile = Omit<Static<typeof Profile>, 'fields'> & { fields: ProfileField[] }

const validator = Compile(Profile)

export type ProfileResult = { ok: true; profile: Profile } | { ok: false; mistakes: ConfigMistake[] }

/** Reads a profile and names all of its mistakes at once: first those of shape, then those of sense. */
export function readProfile(input: unknown): ProfileResult {
  const mistakes = schemaMistakes(validator, input)
  if (mistakes.length > 0) return { ok: false, mistakes }
  const profile = input as Profile
  const nonsense = senseMistakes(profile)
  return nonsense.length > 0 ? { ok: false, mistakes: nonsense } : { ok: true, profile }
}

export const wordsOf = ({ type = 'int16' }: Pick<ProfileField, 'type'>): number =>
  type.endsWith('32') ? 2 : 1

const isBit = ({ fc = 3 }: Pick<ProfileField, 'fc'>): boolean => fc <= 2

function senseMistakes({ model, fields, reads, outputs }: Profile): ConfigMistake[] {
  const mistakes: ConfigMistake[] = []
  const add = (path: string, message: string) => mistakes.push({ path, message })
  if (!isId(model)) add('/model', `"${model}" may hold only a-z 0-9 . _ @ -`)
  const names = new Set<string>()
  fields.forEach((field, index) => {
    const at = `/fields/${index}`
    if (names.has(field.name)) add(`${at}/name`, `"${field.name}" names two fields`)
    names.add(field.name)
    if (!isMetric(field.metric)) add(`${at}/metric`, `there is no metric "${String(field.metric)}"`)
    if (
      isBit(field) &&
      (field.type ?? field.order ?? field.scale ?? field.offset ?? field.invalid) !== undefined
    )
      add(at, 'a coil or discrete input is a bit: it has no type, order, scale, offset or invalid')
    if (field.order !== undefined && !isBit(field) && wordsOf(field) === 1)
      add(`${at}/order`, 'only 32 bits have an order')
    if (field.scale === 0) add(`${at}/scale`, 'must not be 0')
    if (field.address + wordsOf(field) > 0x1_0000) add(`${at}/address`, 'goes beyond the last register')
    const isRead = ({ fc, address, count }: NonNullable<Profile['reads']>[number]) =>
      fc === (field.fc ?? 3) && address <= field.address && field.address + wordsOf(field) <= address + count
    if (reads && !reads.some(isRead)) add(at, 'none of the reads reaches it')
  })
  reads?.forEach((span, index) => {
    if (!isBit(span) && span.count > MAX_WORDS)
      add(`/reads/${index}/count`, `one read takes at most ${MAX_WORDS} registers`)
  })
  for (const [output, target] of Object.entries(outputs ?? {})) {
    if (!fields.some(({ fc, address }) => fc === 1 && address === target?.coil))
      add(`/outputs/${output}`, 'needs a field that reads its coil back (fc: 1)')
  }
  return mistakes
}
