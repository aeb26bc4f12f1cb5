// SPDX-License-Identifier: MIT
// Chromium as one reader has it, and everything that must never happen while one looks at a page.

import assert from 'node:assert/strict';
import { after } from 'node:test';

import { axeSource, chromium } from './environment.mjs';
import { Keyboard, Mouse } from './hands.mjs';

/**
 * Four ways in which every two of hand, theme and width meet: what works in all four works in each theme at each
 * width with each hand.
 */
export const ways = [
    { hand: 'mouse', theme: 'light', width: 1280 },
    { hand: 'keyboard', theme: 'dark', width: 1280 },
    { hand: 'mouse', theme: 'dark', width: 360 },
    { hand: 'keyboard', theme: 'light', width: 360 },
];

let running;

async function browser() {
    running ??= chromium.launch({
        executablePath: process.env.APB_FARM_CHROMIUM ?? '/usr/bin/chromium',
        // No name but the farm's leads anywhere, so that nothing can leave the machine unnoticed either.
        args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--disable-gpu',
            ...(process.getuid() === 0 ? ['--no-sandbox'] : [])],
    });
    return running;
}
after(async () => (await running)?.close());

/** Notes in every page what a script that ran, or one that was stopped, leaves behind. */
function watch() {
    addEventListener('securitypolicyviolation', event =>
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
    for (const name of ['alert', 'confirm', 'prompt', 'print'])
        window[name] = () => console.error(`sentinel: ${name} was called`);
    Object.defineProperty(window, '__xss', { set() { console.error('sentinel: a payload ran'); } });
}

/** A reader with a browser of their own (no cookies shared), at a farm. */
export class Reader {
    static async open(farm, { hand = 'mouse', theme = 'light', width = 1280, script = true } = {}) {
        const reader = new Reader();
        reader.farm = farm;
        reader.context = await (await browser()).newContext({
            baseURL: farm.url, colorScheme: theme, viewport: { width, height: width < 600 ? 740 : 860 },
            reducedMotion: 'reduce', acceptDownloads: true, locale: 'en-GB', timezoneId: 'UTC', javaScriptEnabled: script,
        });
        reader.context.setDefaultTimeout(30000);
        await reader.context.addInitScript(watch);
        reader.troubles = [];
        reader.expected = [];
        reader.page = await reader.context.newPage();
        reader.listen();
        reader.hand = hand === 'mouse' ? new Mouse(reader.page) : new Keyboard(reader.page);
        return reader;
    }

    listen() {
        const trouble = text => this.troubles.push(text);
        this.context.on('console', message => {
            const failed = /^Failed to load resource.*status of (\d+)/.exec(message.text());
            if (failed && this.expected.includes(Number(failed[1])))
                return;
            if (message.type() === 'error' || message.type() === 'warning')
                trouble(`console: ${message.text()} (${message.location().url})`);
        });
        this.context.on('request', request => {
            if (!request.url().startsWith(`${this.farm.url}/`) && !/^(data|blob):/.test(request.url()))
                trouble(`left the host: ${request.url()}`);
        });
        this.context.on('weberror', error => trouble(`script: ${error.error()}`));
        this.page.on('dialog', dialog => {
            trouble(`dialog: ${dialog.message()}`);
            dialog.dismiss();
        });
    }

    /** Answers of this status are meant; the browser reports each as an error. */
    expects(...statuses) {
        this.expected.push(...statuses);
    }

    async go(target) {
        await this.page.goto(target);
        return this.page;
    }

    /** A session without the log-in page. */
    async signedInAs(username, password) {
        const answer = await this.context.request.post('/login', {
            form: { username, password }, headers: { Origin: this.farm.url }, maxRedirects: 0,
        });
        assert.equal(answer.status(), 303, await answer.text());
        return this;
    }

    /** Nothing that machines can find is wrong with the page for people who read otherwise. */
    async checkAccess() {
        if (!await this.page.evaluate(() => 'axe' in window))
            await this.page.evaluate(axeSource);
        const { violations } = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
        const found = violations.map(({ id, help, nodes }) =>
            `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join('\n')}`);
        assert.equal(found.join('\n'), '', `${this.page.url()}: axe found`);
        await this.checkWidth();
    }

    /** A page is as wide as the window: only tables and logs scroll sideways, in boxes of their own. */
    async checkWidth() {
        const [page, window] = await this.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(page <= window, `${this.page.url()} is ${page} wide in a window of ${window}`);
    }

    /** As a new reader: nothing is remembered of the one before. */
    async forget() {
        await this.context.clearCookies();
        this.troubles.length = this.expected.length = 0;
    }

    checkNoTrouble() {
        assert.deepEqual(this.troubles, []);
    }

    async close() {
        await this.context.close();
        this.checkNoTrouble();
    }
}

const readers = new Map();

/** The reader of a way; opening a browser window takes longer than most tasks. */
async function readerFor(farm, way) {
    const key = JSON.stringify([farm.url, way]);
    if (!readers.has(key))
        readers.set(key, await Reader.open(farm, way));
    await readers.get(key).forget();
    return readers.get(key);
}

/** Runs `task(reader, way)` in each of the ways. */
export async function inEveryWay(farm, task) {
    for (const way of ways) {
        const reader = await readerFor(farm, way);
        try {
            await task(reader, way);
            reader.checkNoTrouble();
            await reader.page.goto('about:blank');
        } catch (error) {
            error.message += `\nby ${way.hand}, ${way.theme}, ${way.width} px, at ${reader.page.url()}`
                + reader.troubles.map(trouble => `\n${trouble}`).join('');
            throw error;
        }
    }
}
