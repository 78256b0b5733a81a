import {
  createToledoFramer,
  encodeToledo,
  type ToledoForm,
  type ToledoFrame,
} from '../framers/mettler-toledo.ts'
import type { LoadDefinition, LoadSample } from './definition.ts'
import { toGrams } from './grams.ts'
import { loadDevice } from './load-device.ts'

const toSample = ({ digits, decimals, unit, isMoving, isOutOfRange }: ToledoFrame): LoadSample => ({
  grams: isOutOfRange ? undefined : toGrams(digits / 10 ** decimals, unit),
  stable: !isMoving,
})

const shown = { decimals: 3, unit: 'kg', net: false, tare: 0 } as const

const toledo = (model: string, form: ToledoForm, zh: string, en: string): LoadDefinition =>
  loadDevice({
    model,
    title: {
      zh: `梅特勒-托利多连续输出（${zh}）`,
      en: `Mettler-Toledo continuous output (${en})`,
    },
    line: { baudRate: 9600 },
    createFramer: () => createToledoFramer(form),
    toSample,
    encode: ({ grams, stable = true }) =>
      encodeToledo({ ...shown, digits: grams, isMoving: !stable, isOutOfRange: false }, form),
    overload: encodeToledo({ ...shown, digits: 0, isMoving: false, isOutOfRange: true }, form),
  })

/** Mettler-Toledo indicators and the many that speak like them; the indicator's own settings say which form. */
export const toledos: readonly LoadDefinition[] = [
  toledo('toledo', { tare: true, checksum: false }, '17 字节', '17 bytes'),
  toledo('toledo-checksum', { tare: true, checksum: true }, '18 字节，带校验', '18 bytes, with checksum'),
  toledo('toledo-short', { tare: false, checksum: false }, '短格式', 'short form'),
  toledo(
    'toledo-short-checksum',
    { tare: false, checksum: true },
    '短格式，带校验',
    'short form, with checksum',
  ),
]
