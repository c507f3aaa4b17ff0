/** `npm run docs:reference`: writes docs/train-config.md, and the defaults in docs/recipes.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { trainConfigReference, withRecipeDefaults } from './docs-reference.js';

const recipes = 'docs/recipes.md';
writeFileSync('docs/train-config.md', trainConfigReference());
writeFileSync(recipes, withRecipeDefaults(readFileSync(recipes, 'utf8')));
