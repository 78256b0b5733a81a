/** What can be wrong in an uploaded growth curve, in words for the person who made the file. */
export type CurveMistake = {
  code: CurveMistakeCode
  /** Line of the file, from 1. */
  line: number
  /** Name of the column as we call it, and what stands there, cut to 40 characters. */
  column?: string
  value?: string
}

export type CurveMistakeCode = keyof typeof texts

type Text = { en: string; zh: string }

/** `{column}` and `{value}` are filled in. */
const texts = {
  'too-large': {
    en: 'the file is too large for a growth curve',
    zh: '文件过大，不像是生长曲线',
  },
  empty: { en: 'the file is empty', zh: '文件为空' },
  'missing-column': { en: 'the header has no column {column}', zh: '表头缺少 {column} 列' },
  'duplicate-column': { en: 'the header has column {column} twice', zh: '表头中 {column} 列重复' },
  'unclosed-quote': { en: 'a quotation mark is not closed', zh: '引号没有闭合' },
  'too-many-fields': {
    en: 'more fields than the header; with decimal commas use ; between the fields',
    zh: '字段多于表头；若用逗号作小数点，请用分号分隔各列',
  },
  'missing-value': { en: '{column} is blank', zh: '{column} 为空' },
  'not-a-number': { en: '{column}: “{value}” is not a number', zh: '{column}：“{value}”不是数字' },
  'out-of-range': { en: '{column}: {value} is not possible', zh: '{column}：{value} 超出合理范围' },
  'unknown-sex': {
    en: 'sex “{value}”: write as_hatched, male or female',
    zh: '性别“{value}”无法识别，请填 混养、公 或 母',
  },
  'duplicate-day': { en: 'day {value} stands twice', zh: '{value} 日龄重复' },
  'weight-falls': {
    en: 'the weight of {value} g is below that of an earlier day',
    zh: '体重 {value} 克低于更早日龄的体重',
  },
  'feed-falls': {
    en: 'the cumulative feed of {value} g is below that of an earlier day',
    zh: '累计采食量 {value} 克低于更早日龄',
  },
  'more-mistakes': { en: 'and {value} more mistakes up to here', zh: '到此处另有 {value} 处错误' },
  'too-few-rows': { en: 'a curve needs two ages at least', zh: '曲线至少需要两个日龄' },
} as const satisfies Record<string, Text>

export const curveMistakeCodes = Object.keys(texts) as CurveMistakeCode[]

/** One line in each language, with the line number in front. */
export function curveMistakeText(mistake: CurveMistake): Text {
  const { en, zh } = texts[mistake.code]
  return {
    en: `Line ${mistake.line}: ${fill(en, mistake)}`,
    zh: `第 ${mistake.line} 行：${fill(zh, mistake)}`,
  }
}

function fill(text: string, { column = '', value = '' }: CurveMistake): string {
  return text.replace(/\{(column|value)\}/g, (_, key) => (key === 'column' ? column : value))
}
