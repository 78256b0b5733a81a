/** How well a fact is founded. Every formula, table and limit carries one of these marks. */
export const confidences = [
  'verified',
  'verified-once',
  'secondhand',
  'recalled-high',
  'recalled-medium',
  'derived',
  'own',
] as const

export type Confidence = (typeof confidences)[number]

export const confidenceTexts: Record<Confidence, { en: string; zh: string }> = {
  verified: { en: 'seen in the named source', zh: '已核对所注来源' },
  'verified-once': { en: 'seen in one transcription only', zh: '仅见于一份转录' },
  secondhand: { en: 'quoted by another author', zh: '转引自他人' },
  'recalled-high': {
    en: 'common knowledge of the trade, not checked against the source',
    zh: '行业常识，未核对原文',
  },
  'recalled-medium': { en: 'from memory, check before relying on it', zh: '凭记忆，使用前请核对' },
  derived: { en: 'computed from verified data', zh: '由已核对数据推算' },
  own: { en: "the farm's own figures", zh: '本场自有数据' },
}
