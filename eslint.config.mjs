import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const notModal = '[arguments.1.properties.0.key.name!="modal"]';

/** Everything that people are told passes through one place, which knows what is there already and who is presenting. */
const noticesInOnePlace = [
  'error',
  {
    selector: `CallExpression[callee.object.name="window"][callee.property.name=/^show(Information|Warning|Error)Message$/]${notModal}`,
    message: 'Notify by tell() of quiet.ts; a modal has { modal: true, … } as its second argument.',
  },
  {
    selector: 'CallExpression[callee.property.name="setStatusBarMessage"]',
    message: 'Say a passing word by whisper() of quiet.ts.',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', '.demo/', '.vscode-test/', 'coverage/', 'test-results/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ['*.mjs', 'src/launch/*.mjs', 'test/*/*.mjs', '.dependency-cruiser.cjs'],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Types of lazily loaded modules are named by `typeof import(…)`.
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { prefer: 'type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-invalid-void-type': [
        'error',
        { allowAsThisParameter: true, allowInGenericTypeArguments: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } },
      ],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/vscode/quiet.ts'],
    rules: { 'no-restricted-syntax': noticesInOnePlace },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        module: 'writable',
        setTimeout: 'readonly',
      },
    },
    rules: { 'no-restricted-exports': 'off' },
  },
);
