// SPDX-License-Identifier: MIT
// The page of a build: its log live, its files, and what may be done with it.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { inEveryWay, Reader } from './support/browser.mjs';
import { eventually } from './support/environment.mjs';
import { Farm } from './support/farm.mjs';
import { FakeServer } from './support/fake_server.mjs';

const kPackage = 'tool-1.0-1-x86_64.pkg.tar.zst';
const logOf = page => page.getByRole('region', { name: 'Log of the build' });
const line = (page, number) => logOf(page).locator(`#L${number}`);

/** Phases as makepkg announces them, an error in the second one, colours. */
const phases = [
    '==> Making package: tool 1.0-1', ...Array.from({ length: 80 }, (_, index) => `  -> step ${index}`),
    '==> Starting build()...', ...Array.from({ length: 200 }, (_, index) => `cc -c part${index}.c`),
    '\x1b[31mpart7.c:3:1: error: needle in a haystack\x1b[0m', 'make: *** [all] Error 1',
    '==> ERROR: A failure occurred in build().', '    Aborting...',
];

let farm, server, alice, ended;

before(async () => {
    server = await FakeServer.start('x86_64', 20);
    farm = await Farm.start({ x86_64: [server.url] });
    await (await farm.as('admin', 'admin123')).addUser('alice', 'a long password');
    alice = await farm.as('alice', 'a long password');
    ended = await build('tool');
    server.log(ended, ...phases);
    server.finish(ended, 'failed');
    await alice.waitForEnd(ended);
});

async function build(name) {
    const id = await alice.submit(name);
    await server.waitFor(id);
    await alice.waitForStatus(id, 'building');
    return id;
}

async function openAs(reader, id, hash = '') {
    await reader.signedInAs('alice', 'a long password');
    return reader.go(`/build/${id}/status${hash}`);
}

const atEnd = page => logOf(page).evaluate(box => box.scrollHeight - box.scrollTop - box.clientHeight < 40);

test('a log is followed while one is at its end and stands still elsewhere', async () => {
    await inEveryWay(farm, async (reader, { hand }) => {
        const id = await build('followed');
        server.log(id, ...Array.from({ length: 150 }, (_, index) => `line ${index + 1}`));
        const page = await openAs(reader, id);
        await line(page, 150).getByText('line 150').waitFor();
        server.log(id, 'one more');
        await line(page, 151).getByText('one more').waitFor();
        const follow = page.getByLabel('Follow', { exact: true });
        assert.ok(await follow.isChecked() && await atEnd(page));
        if (hand === 'mouse') {
            await logOf(page).hover();
            await page.mouse.wheel(0, -800);
        } else {
            await reader.hand.reach(logOf(page));
            await page.keyboard.press('PageUp');
        }
        await eventually('following ends', async () => !await follow.isChecked());
        server.log(id, ...Array.from({ length: 50 }, () => 'later'));
        await page.waitForFunction(() => document.getElementById('log').scrollHeight > 200 * 15);
        assert.ok(!await atEnd(page));
        await reader.hand.toggle(follow);
        await line(page, 201).getByText('later').waitFor();
        await reader.checkAccess();
        server.finish(id, 'completed');
        await page.locator('.build-head').getByText('completed').waitFor();
    });
});

test('a line has an address that leads back to it', async () => {
    await inEveryWay(farm, async reader => {
        const page = await openAs(reader, ended, '#L123');
        await page.locator('#L123.here').waitFor();
        assert.ok(await page.locator('#L123').isVisible());
        assert.ok(!await atEnd(page));
        await reader.hand.press(page.locator('.excerpt').getByRole('link', { name: '283' }).first());
        await page.waitForURL(/#L283$/);
        await logOf(page).locator('#L283.here').waitFor();
        await page.reload();
        await logOf(page).locator('#L283.here').getByText('needle').waitFor();
    });
});

test('the first error and what came before the failure are on top', async () => {
    await inEveryWay(farm, async reader => {
        const page = await openAs(reader, ended);
        const excerpts = page.locator('.excerpt');
        await excerpts.first().getByText('needle in a haystack').waitFor();
        await excerpts.last().getByText('A failure occurred').waitFor();
        await reader.checkAccess();
    });
});

test('a text is found in the whole log and one goes from place to place', async () => {
    await inEveryWay(farm, async reader => {
        const page = await openAs(reader, ended);
        const form = page.getByRole('search', { name: 'Search the log' });
        await reader.hand.write(form.getByLabel('Text to find'), 'part1');
        await reader.hand.press(form.getByRole('button', { name: 'Find', exact: true }));
        await form.getByText('1 of 111').waitFor();
        await page.waitForURL(/#L84$/);   // so that the place can be passed on without a mouse
        await logOf(page).locator('.here mark').getByText('part1').waitFor();
        await reader.hand.press(form.getByRole('button', { name: 'Find', exact: true }));
        await form.getByText('2 of 111').waitFor();
        await reader.hand.press(form.getByRole('button', { name: 'Find the one before' }));
        await form.getByText('1 of 111').waitFor();
        await reader.hand.write(form.getByLabel('Text to find'), 'nowhere at all');
        await reader.hand.press(form.getByRole('button', { name: 'Find', exact: true }));
        await form.getByText('not found').waitFor();
        await reader.checkAccess();
    });
});

test('phases of a log fold away and come back', async () => {
    await inEveryWay(farm, async reader => {
        const page = await openAs(reader, ended, '#L1');
        const log = logOf(page);
        await reader.hand.press(log.getByRole('button', { name: /^Fold Making package/ }));
        await log.getByText('80 lines').waitFor();
        await line(page, 82).waitFor();
        assert.equal(await line(page, 2).count(), 0);
        await reader.hand.press(log.getByRole('button', { name: /^Unfold Making package/ }));
        await line(page, 2).waitFor();
        await reader.hand.press(page.getByRole('button', { name: 'Fold all', exact: true }));
        await log.getByText('202 lines').waitFor();
        assert.ok(await log.locator('.row').count() < 10);
        await reader.checkAccess();
        await reader.hand.press(page.getByRole('button', { name: 'Unfold all' }));
        await line(page, 2).waitFor();
    });
});

test('whoever submitted a build may cancel it and is asked first', async () => {
    await inEveryWay(farm, async reader => {
        const id = await build('unwanted');
        const page = await openAs(reader, id);
        const cancel = page.getByRole('button', { name: 'Cancel this build' });
        await reader.hand.press(cancel);
        const dialog = page.getByRole('dialog', { name: /Cancel unwanted/ });
        await reader.checkAccess();
        await reader.hand.press(dialog.getByRole('button', { name: 'Keep it going' }));
        await dialog.waitFor({ state: 'hidden' });
        assert.equal(await alice.statusOf(id), 'building');
        await reader.hand.press(cancel);
        await reader.hand.press(dialog.getByRole('button', { name: 'Cancel the build' }));
        await page.locator('.build-head').getByText('cancelled').waitFor();
        assert.equal(await alice.statusOf(id), 'cancelled');
    });
});

test('a build that has ended is built again from its page', async () => {
    await inEveryWay(farm, async reader => {
        const page = await openAs(reader, ended);
        await reader.hand.press(page.getByRole('button', { name: 'Build again' }));
        const dialog = page.getByRole('dialog', { name: /Build tool/ });
        await reader.hand.press(dialog.getByRole('button', { name: 'Build again' }));
        await page.waitForURL(url => /\/build\/.*\/status/.test(url.pathname) && !url.pathname.includes(ended));
        const again = new URL(page.url()).pathname.split('/')[2];
        await server.waitFor(again);
        server.finish(again, 'completed');
        await page.locator('.build-head').getByText('completed').waitFor();
    });
});

async function downloaded(reader, link) {
    const arrival = reader.page.waitForEvent('download');
    await reader.hand.press(link);
    const download = await arrival;
    return { name: download.suggestedFilename(), content: readFileSync(await download.path()) };
}

test('packages and logs are downloaded and fit their digests', async () => {
    const id = await build('tool');
    server.log(id, 'all went well');
    server.finish(id, 'completed', { [kPackage]: 'the package' });
    await alice.waitForEnd(id);
    await inEveryWay(farm, async reader => {
        const page = await openAs(reader, id);
        const file = await downloaded(reader, page.getByRole('link', { name: kPackage }));
        assert.deepEqual([file.name, file.content.toString()], [kPackage, 'the package']);
        const digest = createHash('sha256').update(file.content).digest('hex');
        await page.getByText(digest).waitFor();
        const packed = await downloaded(reader, page.getByRole('link', { name: 'Compressed' }));
        assert.match(gunzipSync(packed.content).toString(), /all went well/);
        const raw = await page.getByRole('link', { name: 'Raw' }).getAttribute('href');
        assert.match((await alice.get(raw)).text, /all went well/);
        await reader.checkAccess();
    });
});

test('a guest sees the state of a build and the end of its log only', async () => {
    const reader = await Reader.open(farm);
    const page = await reader.go(`/build/${ended}/status`);
    await page.locator('.build-head').getByText('failed').waitFor();
    assert.equal(await page.getByRole('button', { name: /again|Cancel/ }).count(), 0);
    await reader.checkAccess();
    await reader.close();
});

/** As if it had always been so long. */
async function lengthenLog(id, lines) {
    await farm.stop();
    const file = path.join(farm.folder, 'state/logs', id.slice(0, 2), `${id}.log`);
    chmodSync(file, 0o600);
    writeFileSync(file, Array.from({ length: lines }, (_, index) => `line ${index + 1}\n`).join(''));
    await farm.start();
}

test('of a million lines only the rows that can be seen exist', async () => {
    const id = await build('talkative');
    server.log(id, 'a line');
    server.finish(id, 'completed');
    await alice.waitForEnd(id);
    await lengthenLog(id, 1000000);
    const reader = await Reader.open(farm);
    const page = await openAs(reader, id, '#L500000');
    const shows = async number => {
        await logOf(page).locator(`.row:has([href="#L${number}"])`).filter({ hasText: `line ${number}` }).waitFor();
        assert.ok(await logOf(page).locator('.row').count() < 200);
    };
    await shows(500000);
    const [row, box] = [await logOf(page).locator('.here').boundingBox(), await logOf(page).boundingBox()];
    assert.ok(row.y > box.y && row.y < box.y + box.height, 'the line is in sight');
    for (const share of [0.1, 0.9, 0]) {
        await logOf(page).evaluate((box, part) => { box.scrollTop = part * box.scrollHeight; }, share);
        await eventually(`lines about ${share} of the way are shown`, async () => {
            const [number, text] = (await logOf(page).locator('.row').first().innerText()).split('line ').map(Number);
            return number === text && Math.abs(number - share * 1000000) < 200;
        });
    }
    await logOf(page).evaluate(box => { box.scrollTop = box.scrollHeight; });
    await shows(1000000);
    await reader.close();
});
