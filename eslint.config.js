import { fileURLToPath } from 'node:url'
import tseslint from 'typescript-eslint'

// Imports point one way: core <- http state telemetry <- connectors <- runtime <- public <- workflows <- faces.
const FOLDERS = [
  ...['core', 'http', 'state', 'telemetry', 'connectors', 'runtime', 'public', 'looks', 'workflows'],
  ...['cli', 'worker', 'console', 'sandbox'],
]
const FACES = ['cli', 'worker', 'console', 'sandbox', 'index']

/** Forbids `folder` every folder of ours that is not in `allowed`. */
function direction(folder, allowed, extra = []) {
  const forbidden = [...FOLDERS, 'index'].filter((name) => name !== folder && !allowed.includes(name))
  const group = forbidden.flatMap((name) => [`**/${name}/**`, `**/${name}.js`].filter((p) => p !== '**/index.js'))
  return {
    files: [`src/${folder}/**/*.ts`, `src/${folder}.ts`],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group,
              message: `${folder} may import only from itself and: ${allowed.join(', ') || 'nothing of ours'}.`,
            },
            ...extra,
          ],
        },
      ],
    },
  }
}

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            ...['*.js', 'scripts/*.js', 'test/children/*.js', 'bench/children/*.js', 'src/workflows/*.js'],
          ],
        },
        tsconfigRootDir: fileURLToPath(new URL('.', import.meta.url)),
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // An async method turns what it throws into a rejection, awaiting or not.
      '@typescript-eslint/require-await': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  direction(
    'core',
    [],
    [
      {
        regex: '^(?!(zod|node:|\\./|\\.\\./core/))',
        message: 'core imports zod and node built-ins, and nothing of ours from outside core.',
      },
    ],
  ),
  direction('http', ['core']),
  direction('state', ['core']),
  direction('telemetry', ['core']),
  direction(
    'connectors',
    ['core'],
    [
      {
        regex: '^\\.\\./(?!core/|hrflow/|\\.\\./core/)',
        message: 'A connector imports core, hrflow and its own folder.',
      },
    ],
  ),
  direction('runtime', ['core', 'http', 'state', 'telemetry', 'connectors']),
  direction('looks', ['core', 'runtime']),
  direction('public', ['core', 'connectors', 'runtime']),
  direction('workflows', ['core', 'connectors', 'runtime', 'public']),
  ...FACES.filter((face) => face !== 'index').map((face) => ({
    files: [`src/${face}/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['**/connectors/*/**'], message: 'Faces import the registry, never a connector.' }] },
      ],
    },
  })),
  {
    // No cast in connectors and faces: types come from the schemas.
    files: ['src/connectors/**/*.ts', ...FACES.map((face) => `src/${face}/**/*.ts`)],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'TSAsExpression:not([typeAnnotation.typeName.name="const"])',
          message: 'No cast in connectors and faces.',
        },
      ],
    },
  },
  { files: ['src/cli/**/*.ts', 'scripts/**', 'examples/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.test-d.ts'],
    // Whether two types are one can only be asked with a type parameter that is used once.
    rules: { '@typescript-eslint/no-unsafe-call': 'off', '@typescript-eslint/no-unnecessary-type-parameters': 'off' },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
)
