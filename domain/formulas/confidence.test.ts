import { expect, it } from 'vitest'
import { confidences, confidenceTexts } from './confidence.ts'

it.each(confidences)('%s has words in both languages', (confidence) => {
  expect(confidenceTexts[confidence].en).toMatch(/^[\x20-\x7e]+$/)
  expect(confidenceTexts[confidence].zh).toMatch(/\p{Script=Han}/u)
})
