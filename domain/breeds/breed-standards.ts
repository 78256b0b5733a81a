import type { BreedStandard } from './breed-standard.ts'
import { arborAcresPlus } from './data/arbor-acres-plus.ts'
import { cobb500 } from './data/cobb-500.ts'
import { ross308 } from './data/ross-308.ts'
import { ross708 } from './data/ross-708.ts'

/** Every standard that ships with us. A new one: a file in `data/` and a line here; the tests loop over this list. */
export const breedStandards: readonly BreedStandard[] = [ross308, cobb500, arborAcresPlus, ross708]

export function findBreedStandard(id: string): BreedStandard | undefined {
  return breedStandards.find((standard) => standard.id === id)
}

/** A farm's own curve, read by `parseCurveCsv`, as a standard like the others. */
export function ownStandard(
  id: string,
  name: string,
  year: number,
  rows: BreedStandard['rows'],
): BreedStandard {
  return { id, name: { en: name, zh: name }, year, source: name, confidence: 'own', rows }
}

type Text = { en: string; zh: string }

/** Birds without a table that could be trusted. They need the farm's own curve; the page says why. */
export const ownCurveOnly: readonly { id: string; name: Text; why: Text }[] = [
  {
    id: 'yellow-feathered',
    name: { en: 'Yellow-feathered broilers', zh: '黄羽肉鸡' },
    why: {
      en: 'No public growth table was found. Upload the curve of your breeding company or of your own past flocks.',
      zh: '未找到公开的生长标准，请上传种鸡公司或本场往期批次的生长曲线。',
    },
  },
  {
    id: 'layers',
    name: { en: 'Layers and pullets', zh: '蛋鸡和育成鸡' },
    why: {
      en: 'The tables at hand rest on one unconfirmed copy each. Upload the curve of your breed guide.',
      zh: '现有标准均只有一份未经核实的转录，请上传品种手册中的体重曲线。',
    },
  },
]
