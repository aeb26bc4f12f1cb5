// SPDX-License-Identifier: MIT
// Where the programs under test are, and the libraries that tests are written with.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

function folder(name) {
    const value = process.env[name];
    if (!value)
        throw new Error(`${name} is not set; run through ctest`);
    return value;
}

export const buildFolder = folder('APB_FARM_BUILD_DIR');
export const sourceFolder = folder('APB_FARM_SOURCE_DIR');
export const webFolder = process.env.APB_FARM_WEB_DIR ?? path.join(sourceFolder, 'web');

const libraries = path.join(buildFolder, 'tests/browser/node_modules');
if (!existsSync(libraries)) {
    console.error(`${libraries} is not there; ./check puts it there`);
    process.exit(1);
}
const require = createRequire(path.join(libraries, 'here.js'));

export const { chromium } = require('playwright-core');
export const axeSource = require('axe-core').source;

/** Looks again every few milliseconds until `condition` is true, or anything else that counts as true, and answers that. */
export async function eventually(what, condition, limit = 30000) {
    const end = Date.now() + limit;
    for (;;) {
        const value = await condition();
        if (value)
            return value;
        if (Date.now() > end)
            throw new Error(`not within ${limit / 1000} s: ${what}`);
        await new Promise(done => setTimeout(done, 20));
    }
}
