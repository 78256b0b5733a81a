// Who may import whom. `npm run check` holds the tree against these rules; dependency-rules.test.ts plants a
// fault for each and sees it reported. Paths are relative to the root of the tree.
import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser'

const apps = ['firmware-bridge', 'edge', 'cloud', 'dashboards']
const sharedFolders = ['sqlite-file', 'request-signing', 'node-file']
const anyOf = (names: string[]) => `(${names.join('|')})`
const appFile = `^${anyOf(apps)}/`
const sharedFile = `^${anyOf(sharedFolders)}/`
const ownFile = `^${anyOf(['domain', ...apps, ...sharedFolders])}/`
const testFile = String.raw`\.test\.tsx?$|(^|/)test/`
const package_ = '(^|/)node_modules/'

// Packages whose types and pieces every file may use. Each other package, and each engine inside Node, is one
// file's business, so that it can be replaced in one place.
const freePackages = [
  'typebox',
  'fastify',
  '@fastify/[^/]+',
  'preact',
  'vite',
  'vitest',
  'fast-check',
  '@types/[^/]+',
]
const enginesInNode = '^(node:)?sqlite$'

/** Files that the rules treat as tests: they may import what they like. */
export const isTest = (path: string) => new RegExp(testFile).test(path)

export const dependencyRules: { forbidden: IForbiddenRuleType[]; options: ICruiseOptions } = {
  forbidden: [
    {
      name: 'domain-imports-only-itself-and-typebox',
      comment:
        'domain/ is the language that edge, cloud and browser share: no I/O, no Node modules, no packages but typebox. Pass in what it needs.',
      severity: 'error',
      from: { path: '^domain/', pathNot: testFile },
      to: {
        pathNot: ['^domain/', `${package_}typebox/`, ownFile, testFile, String.raw`(^|/)main\.tsx?$`],
        couldNotResolve: false,
      },
    },
    {
      name: 'domain-imports-nothing-of-ours',
      comment:
        'The apps speak the language of domain/, so domain/ can know none of them, in its tests neither.',
      severity: 'error',
      from: { path: '^domain/' },
      to: { path: ownFile, pathNot: '^domain/' },
    },
    {
      name: 'apps-never-import-each-other',
      comment:
        'Apps are separate processes that meet over MQTT and HTTP in schemas of domain/. Put what they share there.',
      severity: 'error',
      from: { path: appFile },
      to: { path: appFile, pathNot: '^$1/' },
    },
    {
      name: 'apps-import-only-domain-shared-folders-and-packages',
      comment:
        'An app is whole with domain/ and the shared folders: nothing of demo/, set-up code or other folders.',
      severity: 'error',
      from: { path: appFile },
      to: {
        pathNot: [ownFile, package_, testFile],
        dependencyTypesNot: ['core', 'npm', 'npm-dev'],
        couldNotResolve: false,
      },
    },
    {
      name: 'shared-folders-import-only-domain-and-packages',
      comment: 'What edge and cloud both use knows neither of them, and stands by itself.',
      severity: 'error',
      from: { path: sharedFile },
      to: {
        pathNot: ['^$1/', '^domain/', package_, testFile],
        dependencyTypesNot: ['core', 'npm', 'npm-dev'],
        couldNotResolve: false,
      },
    },
    {
      name: 'folders-meet-by-alias',
      comment:
        "Write '#domain/…', '#sqlite-file/…', '#request-signing/…', '#node-file/…' across folders, so that a moved file breaks nothing.",
      severity: 'error',
      from: { path: `^${anyOf(['domain', ...apps, ...sharedFolders, 'demo', 'test'])}/` },
      to: {
        path: `^${anyOf(['domain', ...sharedFolders])}/`,
        pathNot: '^$1/',
        dependencyTypesNot: ['aliased', 'aliased-subpath-import'],
      },
    },
    {
      name: 'nobody-imports-a-main',
      comment:
        'main.ts reads the environment and opens connections: it is started, not imported. Only tests may.',
      severity: 'error',
      from: { pathNot: testFile },
      to: { path: String.raw`(^|/)main\.tsx?$`, pathNot: package_ },
    },
    ...apps.map(
      (folder): IForbiddenRuleType => ({
        name: `one-importer-of-a-package-in-${folder}`,
        comment:
          'A driver or engine is imported by one file of an app, types too: that file is the port’s only adapter to it.',
        severity: 'error',
        from: { path: `^${folder}/`, pathNot: testFile },
        module: {
          path: [package_, enginesInNode],
          pathNot: `${package_}${anyOf(freePackages)}/`,
          numberOfDependentsMoreThan: 1,
        },
      }),
    ),
    {
      name: 'production-imports-no-test',
      comment: 'What only tests need stays with the tests.',
      severity: 'error',
      from: { path: ownFile, pathNot: testFile },
      to: { path: testFile },
    },
    {
      name: 'production-imports-no-development-package',
      comment:
        'An installation without development dependencies must start. (The page is bundled: for it, test tools only.)',
      severity: 'error',
      from: { path: ownFile, pathNot: [testFile, '^dashboards/'] },
      to: { path: package_, dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm'] },
    },
    {
      name: 'page-imports-no-test-tool',
      comment: 'Whatever the page imports travels to the phone.',
      severity: 'error',
      from: { path: '^dashboards/', pathNot: [testFile, '^dashboards/build/'] },
      to: { path: `${package_}${anyOf(['vitest', 'fast-check', 'playwright-core', 'axe-core'])}/` },
    },
    {
      name: 'no-cycles',
      comment:
        'Files that import each other in a circle, be it for types, cannot be read or replaced one by one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that leads nowhere fails when it runs.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
