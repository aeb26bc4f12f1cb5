// SPDX-License-Identifier: MIT
// Every page of a busy farm without script, with nothing but a keyboard, and what its dangerous buttons ask first.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { allPages, open, visit } from './support/all_pages.mjs';
import { Reader } from './support/browser.mjs';
import { kPassword, makeBusyFarm } from './support/busy_farm.mjs';
import { Keyboard } from './support/hands.mjs';

// Pages that are nothing but a form, which needs script to be sent, and say so.
const kFormsAlone = ['admin-mail', 'submit'];

let busy, pages;

before(async () => {
    busy = await makeBusyFarm();
    pages = allPages(busy);
    const repository = new FormData();
    repository.set('name', 'extra-one');
    repository.set('url', 'https://packages.example.org/x86_64');
    repository.set('gpg_key_id', '0123456789abcdef');
    await (await busy.farm.as('admin', 'admin123')).must('POST', '/admin/repositories', repository);
    await busy.farm.as('alice', kPassword);   // a second session, which can be ended
});

const wordsOf = text => text.replace(/\s+/g, ' ').trim();

test('W7 every page can be read without script', async () => {
    const withScript = await Reader.open(busy.farm);
    const reader = await Reader.open(busy.farm, { script: false });
    for (const [name, page] of Object.entries(pages)) {
        await open(withScript, page);
        await visit(reader, page);
        const main = reader.page.getByRole('main');
        const headings = await main.getByRole('heading').allInnerTexts();
        const shown = await withScript.page.getByRole('main').getByRole('heading').allInnerTexts();
        if (!page.prepare)
            assert.deepEqual(headings.map(wordsOf), shown.map(wordsOf), `${name}: the headings differ without script`);
        assert.equal(await main.locator('noscript .message').count() > 0, kFormsAlone.includes(name), name);
        for (const button of await main.locator('button[type=button]').all())
            assert.ok(!await button.isVisible(), `${name}: ${await button.innerText()} does nothing without script`);
    }
    await visit(reader, pages['build-failed']);
    await reader.page.getByText("error: 'dirs' undeclared").first().waitFor();
    await withScript.close();
    await reader.close();
});

/**
 * What a person can use on the page as it is shown. Not the numbers of log lines: who has no mouse gets to a line, and
 * to its address, by searching.
 */
const usable = page => page.locator('a[href], button, input, select, textarea, summary, [tabindex="0"]')
    .filter({ visible: true }).and(page.locator(':not(:disabled):not(#log .nr)'));

test('W7 whatever can be used on a page is reached with the tab key and seen there', async () => {
    const reader = await Reader.open(busy.farm, { hand: 'keyboard' });
    for (const [name, wanted] of Object.entries(pages)) {
        await open(reader, wanted);
        const { page } = reader;
        await page.evaluate(() => { document.body.tabIndex = -1; document.body.focus(); });
        const reached = new Set();
        // A log makes its rows anew when it scrolls: what folds there is known by its line.
        const all = await usable(page).evaluateAll(elements => elements.filter(element => element.type !== 'radio')
            .map((element, index) => element.dataset.fold ? `fold ${element.dataset.fold}`
                : (element.dataset.number = index, element.outerHTML.slice(0, 200))));
        for (let tabs = 0; tabs < all.length + 20 && reached.size < all.length; ++tabs) {
            await page.keyboard.press('Tab');
            const at = await page.evaluate(() => {
                const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement);
                const { number, fold } = document.activeElement.dataset;
                return { number, fold, isSeen: outlineStyle !== 'none' || boxShadow !== 'none' };
            });
            const index = at.fold ? all.indexOf(`fold ${at.fold}`) : Number(at.number ?? -1);
            if (index < 0)
                continue;
            assert.ok(at.isSeen, `${name}: nobody sees that this has the focus: ${all[index]}`);
            reached.add(index);
        }
        assert.deepEqual(all.filter((_, number) => !reached.has(number)), [], `${name}: out of reach`);
    }
    await reader.close();
});

test('W7 the focus stays on a fold of a log while the log moves', async () => {
    const reader = await Reader.open(busy.farm, { hand: 'keyboard' });
    await open(reader, pages['build-failed']);
    const folds = reader.page.locator('#log [data-fold]');
    await folds.first().waitFor();
    for (const fold of await folds.evaluateAll(all => all.map(one => one.dataset.fold))) {
        const focused = await reader.page.evaluate(async number => {
            document.querySelector(`#log [data-fold="${number}"]`).focus();
            document.getElementById('log').dispatchEvent(new Event('scroll'));
            for (let frame = 0; frame < 2; ++frame)
                await new Promise(requestAnimationFrame);
            return document.activeElement.dataset.fold;
        }, fold);
        assert.equal(focused, fold);
    }
    await reader.close();
});

/** What the question has to name: the row's object, or what the page is about. */
async function objectOf(button, name) {
    const own = await button.getAttribute('data-set-name');
    return own ?? { build: 'curl', 'admin-mail': 'mail settings', 'admin-store': 'artifact store' }[name];
}

test('W6 whatever destroys something asks first, and the question names the thing', async () => {
    const reader = await Reader.open(busy.farm);
    const keyboard = new Keyboard(reader.page);
    const changes = [];
    reader.page.on('request', request => request.method() !== 'GET' && changes.push(request.url()));
    const asked = new Set();
    for (const [name, wanted] of Object.entries(pages)) {
        await open(reader, wanted);
        changes.length = 0;
        for (const button of await reader.page.locator('button.danger:not(dialog button)').filter({ visible: true }).all()) {
            await keyboard.press(button);
            const dialog = reader.page.getByRole('dialog');
            const question = wordsOf(await dialog.getByRole('heading').innerText());
            const object = await objectOf(button, name);
            assert.ok(object && question.includes(object), `${name}: "${question}" does not name ${object}`);
            assert.equal(await dialog.locator('button.danger').count(), 1, question);
            const form = dialog.locator('form');
            assert.match(await form.getAttribute('data-method'), /^(POST|DELETE)$/, question);
            assert.ok(await dialog.locator('[data-closes]').evaluate(no => no === document.activeElement), `${question} begins at yes`);
            await reader.page.keyboard.press('Escape');
            await dialog.waitFor({ state: 'hidden' });
            asked.add(name);
        }
        assert.deepEqual(changes, [], `${name}: something was sent before the question was answered`);
    }
    assert.deepEqual([...asked].sort(), ['admin-mail', 'admin-repositories', 'admin-servers', 'admin-store', 'admin-users', 'build', 'my']);
    await reader.close();
});
