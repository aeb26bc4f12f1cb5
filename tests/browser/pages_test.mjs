// SPDX-License-Identifier: MIT
// Every page of a busy farm: readable by everybody, small, and pictured in docs/screenshots when
// APB_FARM_SCREENSHOTS is set.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { allPages, open } from './support/all_pages.mjs';
import { inEveryWay, Reader } from './support/browser.mjs';
import { makeBusyFarm } from './support/busy_farm.mjs';
import { sourceFolder, webFolder } from './support/environment.mjs';
import { smallPng } from './support/small_png.mjs';

const kScripts = 60 << 10, kPage = 200 << 10, kPicture = 150 << 10;
const pictures = path.join(sourceFolder, 'docs/screenshots');

let busy, pages;

before(async () => {
    busy = await makeBusyFarm();
    pages = allPages(busy);
});

test('nothing stands in the way of people who read pages otherwise', async () => {
    await inEveryWay(busy.farm, async reader => {
        for (const page of Object.values(pages)) {
            await open(reader, page);
            await reader.checkAccess();
        }
    });
});

test('each page has a title, one heading and a way to skip to its content', async () => {
    const reader = await Reader.open(busy.farm, { hand: 'keyboard' });
    const titles = new Set();
    for (const page of Object.values(pages)) {
        await open(reader, page);
        titles.add(await reader.page.title());
        assert.equal(await reader.page.getByRole('heading', { level: 1 }).count(), 1, page.address);
        if (page.who === 'guest' || page.prepare)
            continue;
        await reader.hand.press(reader.page.getByRole('link', { name: 'Skip to the content' }));
        assert.equal(await reader.page.evaluate(() => document.activeElement.tagName), 'MAIN');
    }
    assert.equal(titles.size, Object.keys(pages).length);
    await reader.close();
});

test('a page with all that it loads is under 200 KiB', async () => {
    const reader = await Reader.open(busy.farm);
    let answers = [];
    reader.context.on('response', answer => answers.push(answer));
    for (const page of Object.values(pages)) {
        answers = [];
        await open(reader, page);
        let bytes = 0;
        for (const answer of answers)
            if (!/\/(events|stream)/.test(answer.url()) && answer.status() < 300)
                bytes += Number(answer.headers()['content-length']);   // NaN, which fails, when it is not told
        assert.ok(bytes > 1000 && bytes < kPage, `${page.address}: ${bytes} bytes`);
    }
    await reader.close();
});

test('all scripts together are under 60 KiB compressed', () => {
    const folder = path.join(webFolder, 'static');
    const scripts = readdirSync(folder).filter(name => name.endsWith('.js'));
    const bytes = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(path.join(folder, name))).length, 0);
    assert.ok(scripts.length > 5 && bytes < kScripts, `${bytes} bytes`);
});

async function takePicture(reader, name) {
    const file = path.join(pictures, `${name}.png`);
    await reader.page.mouse.move(0, 0);
    const picture = smallPng(await reader.page.screenshot({ animations: 'disabled' }));
    assert.ok(picture.length < kPicture, `${file} would have ${picture.length} bytes`);
    writeFileSync(file, picture);
}

test('pictures of the pages are taken when asked for', { skip: !process.env.APB_FARM_SCREENSHOTS }, async () => {
    mkdirSync(pictures, { recursive: true });
    const reader = await Reader.open(busy.farm);
    for (const [name, page] of Object.entries(pages)) {
        await open(reader, page);
        await takePicture(reader, name);
    }
    await reader.close();
    for (const [name, look] of [['dashboard-dark', { theme: 'dark' }], ['dashboard-phone', { width: 360 }]]) {
        const other = await Reader.open(busy.farm, look);
        await open(other, pages.dashboard);
        await takePicture(other, name);
        await other.close();
    }
});
