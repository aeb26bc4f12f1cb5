// SPDX-License-Identifier: MIT
// The page to submit packages with, down to a real package from the real build server.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { inEveryWay, Reader } from './support/browser.mjs';
import { Farm } from './support/farm.mjs';
import { pkgbuild, tarball } from './support/packages.mjs';
import { temporaryFolder } from './support/program.mjs';
import { startRealServer } from './support/real_server.mjs';

const kPassword = 'a long password';
let farm, files, alice;

before(async () => {
    farm = await Farm.start({ x86_64: [await startRealServer('x86_64')] });
    await (await farm.as('admin', 'admin123')).addUser('alice', kPassword);
    alice = await farm.as('alice', kPassword);
    files = temporaryFolder('sources');
    mkdirSync(path.join(files, 'folder'));
    writeFileSync(path.join(files, 'folder/PKGBUILD'), pkgbuild('unpacked', { architectures: "'x86_64' 'riscv64'" }));
    writeFileSync(path.join(files, 'folder/notes.txt'), 'a source');
    writeFileSync(path.join(files, 'tool.tar.gz'), tarball({ PKGBUILD: pkgbuild('tool') }));
    writeFileSync(path.join(files, 'picture.png'), 'no package');
});

/** Through the dialog of the system that the press of the button opens. */
async function chooseFiles(reader, button, paths) {
    const chooser = reader.page.waitForEvent('filechooser');
    await reader.hand.press(button);
    await (await chooser).setFiles(paths);
}

const filesInput = page => page.getByLabel('Choose files');
const read = page => page.getByRole('region', { name: 'What the farm reads' });

test('a tarball becomes a package that can be downloaded', async () => {
    const reader = await (await Reader.open(farm)).signedInAs('alice', kPassword);
    const page = await reader.go('/submit');
    await chooseFiles(reader, page.getByText('Choose files'), [path.join(files, 'tool.tar.gz')]);
    await read(page).getByText('1.0-1').waitFor();
    await reader.hand.press(read(page).getByRole('button', { name: 'Submit' }));
    await reader.hand.press(page.getByRole('link', { name: /tool.* for x86_64/ }));
    await page.waitForURL(/\/build\/.*\/status/);
    const build = new URL(page.url()).pathname.split('/')[2];
    assert.equal(await alice.waitForEnd(build), 'completed', (await alice.get(`/build/${build}/output`)).text);
    await page.locator('.build-head').getByText('completed').waitFor();
    const arrival = page.waitForEvent('download');
    await reader.hand.press(page.getByRole('link', { name: /^tool-1.0-1-x86_64\.pkg\.tar/ }));
    const hash = createHash('sha256');
    for await (const chunk of await (await arrival).createReadStream())
        hash.update(chunk);
    await page.getByText(hash.digest('hex')).waitFor();
    await page.getByRole('region', { name: 'Log of the build' }).getByText('Making package: tool').first().waitFor();
    await reader.checkAccess();
    await reader.close();
});

test('files are chosen, looked through and sent with a choice of architectures', async () => {
    await inEveryWay(farm, async reader => {
        await reader.signedInAs('alice', kPassword);
        const page = await reader.go('/submit');
        const way = reader.hand.constructor.name === 'Mouse' ? page.getByText('Choose files') : filesInput(page);
        await chooseFiles(reader, way, [path.join(files, 'picture.png')]);
        await page.getByText('There is no PKGBUILD among these files').waitFor();
        await chooseFiles(reader, way, ['PKGBUILD', 'notes.txt'].map(name => path.join(files, 'folder', name)));
        await read(page).getByText('unpacked').waitFor();
        assert.ok(await page.getByLabel('riscv64').isDisabled());
        await reader.checkAccess();
        await reader.hand.toggle(page.getByLabel('x86_64'));
        await reader.hand.press(read(page).getByRole('button', { name: 'Submit' }));
        const link = page.getByRole('link', { name: /unpacked.* for x86_64/ });
        await link.waitFor();
        await reader.checkAccess();
        const build = (await link.getAttribute('href')).split('/')[2];
        await alice.call('POST', `/build/${build}/cancel`);
    });
});

test('files are dropped on the page', async () => {
    const reader = await (await Reader.open(farm)).signedInAs('alice', kPassword);
    const page = await reader.go('/submit');
    const transfer = await page.evaluateHandle(text => {
        const carried = new DataTransfer();
        carried.items.add(new File([text], 'PKGBUILD'));
        return carried;
    }, pkgbuild('dropped'));
    await page.dispatchEvent('#drop', 'dragover', { dataTransfer: transfer });
    await page.dispatchEvent('#drop', 'drop', { dataTransfer: transfer });
    await read(page).getByText('dropped').waitFor();
    await reader.close();
});

test('a large upload shows how far it is', async () => {
    const reader = await (await Reader.open(farm)).signedInAs('alice', kPassword);
    const page = await reader.go('/submit');
    const large = path.join(files, 'large.tar.gz');
    const noise = createHash('shake256', { outputLength: 6 << 20 }).update('noise').digest();
    writeFileSync(large, tarball({ PKGBUILD: pkgbuild('large'), 'noise.bin': noise }));
    await page.evaluate(() => {
        window.seen = [];
        new MutationObserver(() => window.seen.push(document.getElementById('progress').value))
            .observe(document.getElementById('upload'), { subtree: true, childList: true, characterData: true });
    });
    await page.getByLabel('Choose files').setInputFiles(large);
    await read(page).getByText('large').waitFor();
    await reader.hand.press(read(page).getByRole('button', { name: 'Submit' }));
    await page.getByRole('link', { name: /large.* for x86_64/ }).waitFor();
    const seen = await page.evaluate(() => window.seen);
    assert.ok(seen.length > 0 && seen.at(-1) === 100, JSON.stringify(seen));
    await reader.close();
});

test('a package that the farm refuses is refused in words', async () => {
    const reader = await (await Reader.open(farm)).signedInAs('alice', kPassword);
    reader.expects(400);
    const page = await reader.go('/submit');
    const broken = { name: 'PKGBUILD', mimeType: 'text/plain', buffer: Buffer.from('pkgver=1\n') };
    await page.getByLabel('Choose files').setInputFiles(broken);
    await page.locator('#chosen').getByText(/pkgname/).waitFor();
    assert.ok(!await read(page).isVisible());
    await reader.checkAccess();
    await reader.close();
});
