// SPDX-License-Identifier: MIT
// Guests and users never learn where build servers are (Z4): not from pages, not from what pages fetch, not from
// events, not from errors.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Reader } from './support/browser.mjs';
import { eventually } from './support/environment.mjs';
import { Farm } from './support/farm.mjs';
import { FakeServer } from './support/fake_server.mjs';
import { pkgbuild } from './support/packages.mjs';

const kPassword = 'a long password';
const kHosts = ['127.77.0.1', '127.77.0.2'];   // nothing else here has such an address
let farm, server, other, alice, builds;

before(async () => {
    server = await FakeServer.start('x86_64', 1, kHosts[0]);
    other = await FakeServer.start('aarch64', 2, kHosts[1]);
    farm = await Farm.start({ x86_64: [server.url], aarch64: [other.url] });
    const admin = await farm.as('admin', 'admin123');
    await admin.addUser('alice', kPassword);
    alice = await farm.as('alice', kPassword);
    const ended = await alice.submit('ended');
    await server.waitFor(ended);
    server.log(ended, 'all went well');
    server.finish(ended, 'completed', { 'ended-1.0-1-x86_64.pkg.tar.zst': 'content' });
    await alice.waitForEnd(ended);
    const foreign = '11111111-2222-4333-8444-555555555555';
    server.addForeign(foreign, 'foreign');
    const theirs = await admin.submit('theirs', { architectures: 'aarch64', text: pkgbuild('theirs', { architectures: "'aarch64'" }) });
    await other.waitFor(theirs);
    const waiting = await alice.submit('waiting');
    await alice.waitForStatus(theirs, 'building');
    builds = [ended, theirs, waiting];
});

/** What somebody who must not know it could read it in. */
function checkIsUnknown(text, where) {
    for (const { host, port } of [server, other]) {
        assert.ok(!text.includes(host), `${where} tells of ${host}: ${text.slice(Math.max(0, text.indexOf(host) - 300), text.indexOf(host) + 100)}`);
        assert.ok(!new RegExp(`:${port}\\b`).test(text), `${where} tells of port ${port}`);
    }
}

const headersOf = answer => [...answer.headers].map(pair => pair.join(': ')).join('\n');

/** Every address of the farm's own description that is read with GET, for each of the builds. */
async function allTargets(api) {
    const { paths } = await api.must('GET', '/openapi.json');
    const patterns = Object.keys(paths).filter(path => paths[path].get && !/\/(stream|events|logout)$/.test(path));
    assert.ok(patterns.length > 30, patterns.join(' '));
    const files = ['build.log', 'ended-1.0-1-x86_64.pkg.tar.zst', 'nothing.txt'];
    return [...new Set(patterns.flatMap(pattern => [...builds, 'nonsense'].flatMap(build => files.map(file =>
        pattern.replace(/\{(id|build_id)\}/, build).replace('{filename}', file)
            .replace(/\{file\}/, 'app.js').replace(/\{[a-z_]+\}/g, 'ended')))))];
}

async function checkAllAnswers(api, who) {
    let good = 0;
    for (const target of await allTargets(api)) {
        const answer = await api.get(target);
        good += answer.status === 200;
        checkIsUnknown(`${answer.text}\n${headersOf(answer)}`, `${target} as ${who}`);
    }
    assert.ok(good > 30, `${good} good answers`);
    for (const build of builds) {
        for (const action of ['cancel', 'rebuild'])
            if (who === 'a guest' || build !== builds[2])
                checkIsUnknown((await api.post(`/build/${build}/${action}`)).text, `${action} as ${who}`);
        checkIsUnknown((await api.get(`/build/${build}/output?start_index=0&limit=1000`)).text, `output as ${who}`);
    }
}

/** An event stream until it said `awaited`, which `cause` makes it say. */
async function streamOf(api, target, awaited, cause = () => {}) {
    const stop = new AbortController();
    const headers = api.token ? { Authorization: `Bearer ${api.token}` } : {};
    const answer = await fetch(api.url + target, { headers, signal: stop.signal });
    await cause();
    let text = headersOf(answer);
    for await (const chunk of answer.body) {
        text += Buffer.from(chunk).toString();
        if (text.includes(awaited))
            break;
    }
    stop.abort();
    return text;
}

test('no answer tells guests or users where servers are Z4', async () => {
    await checkAllAnswers(farm.guest, 'a guest');
    await checkAllAnswers(alice, 'a user');
});

test('no stream of events tells it Z4', async () => {
    for (const api of [farm.guest, alice]) {
        const submitAndCancel = async () => alice.must('POST', `/build/${await alice.submit('brief')}/cancel`);
        checkIsUnknown(await streamOf(api, '/events', 'event: changed', submitAndCancel), '/events');
        checkIsUnknown(await streamOf(api, `/build/${builds[0]}/stream`, 'event: complete'), 'the log of a build that ended');
        const log = () => other.log(builds[1], `built on ${other.architecture}`);
        checkIsUnknown(await streamOf(api, `/build/${builds[1]}/stream`, 'built on', log), 'the log of a build');
    }
});

async function checkPages(who) {
    const reader = await Reader.open(farm);
    if (who)
        await reader.signedInAs(who, kPassword);
    reader.expects(401, 403, 404);
    const answers = [];
    reader.context.on('response', answer => answers.push(answer));
    const own = who ? ['/my', '/submit', '/admin'] : ['/login', '/my'];
    const targets = ['/dashboard', '/dashboard/builds', '/dashboard/packages', '/dashboard/statistics', '/nothing',
        ...builds.map(build => `/build/${build}/status`), ...own];
    for (const target of targets) {
        const page = await reader.go(target);
        if (await page.locator('[data-refresh]').count() > 0)
            await Promise.all([page.waitForResponse(/fragment/),
                page.evaluate(() => document.dispatchEvent(new CustomEvent('farm:changed')))]);
        checkIsUnknown(await page.content(), target);
    }
    for (const answer of answers)
        if (!/\/(events|stream)/.test(answer.url()) && answer.status() < 300)
            checkIsUnknown(await answer.text().catch(() => ''), answer.url());
    await reader.close();
}

test('no page and nothing that a page fetches tells it Z4', async () => {
    await checkPages();
    await checkPages('alice');
});

test('administrators do see it', async () => {
    const reader = await (await Reader.open(farm)).signedInAs('admin', 'admin123');
    const page = await reader.go('/dashboard');
    await page.getByText(server.url).first().waitFor();
    await reader.close();
});

test('errors of servers that are away do not tell it Z4', async () => {
    await server.goDown();
    await other.goDown();
    await eventually('the farm noticed', async () => /offline|unavailable/.test((await farm.guest.get('/farm')).text));
    await checkAllAnswers(farm.guest, 'a guest');
    await checkAllAnswers(alice, 'a user');
    const refused = await alice.call('POST', '/build');
    checkIsUnknown(refused.text, 'a refused submission');
    await checkPages('alice');
});
