import { fileURLToPath } from 'node:url'
import tseslint from 'typescript-eslint'

// Which room may import which is held by scripts/imports.ts.
const FACES = ['cli', 'serve', 'console', 'sandbox']

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            ...[
              '*.js',
              'scripts/*.js',
              'test/support/children/*.js',
              'bench/children/*.{js,cjs}',
              'src/workflows/mapping/*.js',
            ],
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
      // A type gets a name of its own that way.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      // An async method turns what it throws into a rejection, awaiting or not.
      '@typescript-eslint/require-await': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // No cast in connectors and faces: types come from the schemas.
    files: ['src/connectors/**/*.ts', ...FACES.map((face) => `src/${face}/**/*.{ts,tsx}`)],
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
  { files: ['**/*.{js,cjs}'], ...tseslint.configs.disableTypeChecked },
)
