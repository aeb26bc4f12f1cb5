// SPDX-License-Identifier: MIT
// What all pages share: times in the reader's zone, durations that count on, and the parts of a page that change,
// fetched again when the farm's event stream says so.

import { ownHeaders } from './own_request.js';
import { morph } from './morph.js';

const kLookAgain = 10000;    // load and the like change without an event
const kBetween = 1000;
const kSlowest = 60000;

const two = number => String(number).padStart(2, '0');

function localText(time) {
    return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} `
        + `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function durationText(seconds) {
    if (seconds < 60)
        return `${seconds} s`;
    if (seconds < 3600)
        return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
    if (seconds < 86400)
        return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} min`;
    return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds / 3600) % 24} h`;
}

export function localise(root) {
    for (const element of root.querySelectorAll('time[datetime]')) {
        const time = new Date(element.dateTime);
        if (Number.isNaN(time.getTime()))
            continue;
        element.title = element.textContent;
        element.textContent = localText(time);
    }
}

function countOn(root = document) {
    const now = Math.floor(Date.now() / 1000);
    for (const element of root.querySelectorAll('[data-since]')) {
        const text = durationText(Math.max(0, now - Number(element.dataset.since)));
        if (element.textContent !== text)
            element.textContent = text;
    }
}

/** A part of the page that is fetched again: at an event about it, and now and then. */
class LivePart {
    constructor(element) {
        this.element = element;
        this.pause = kLookAgain;
        this.last = 0;
        this.schedule(kLookAgain);
    }

    get isOver() {
        const build = this.element.querySelector('[data-title]');
        return build !== null && !build.dataset.live;
    }

    hear(topics) {
        const own = this.element.dataset.live;
        if (own === 'farm' || topics.includes(own) || topics.includes('*') || topics.includes('farm'))
            this.soon();
    }

    soon() {
        this.schedule(Math.max(0, this.last + kBetween - Date.now()));
    }

    schedule(delay) {
        clearTimeout(this.timer);
        if (!this.isOver)
            this.timer = setTimeout(() => this.refresh(), delay);
    }

    async refresh() {
        clearTimeout(this.timer);
        this.last = Date.now();
        if (!document.hidden && !this.element.querySelector('dialog[open]')) {
            try {
                const answer = await fetch(this.element.dataset.refresh, { cache: 'no-store' });
                if (!answer.ok)
                    throw new Error(String(answer.status));
                this.show(await answer.text());
                this.pause = kLookAgain;
                sayConnected(true);
            } catch {
                this.pause = Math.min(this.pause * 2, kSlowest);
                sayConnected(false);
            }
        }
        this.schedule(this.pause);
    }

    show(html) {
        const fresh = new DOMParser().parseFromString(html, 'text/html').body;
        localise(fresh);
        countOn(fresh);
        morph(this.element, fresh);
        const build = this.element.querySelector('[data-title]');
        if (build)
            document.title = `${build.dataset.title} · apb-farm`;
        document.dispatchEvent(new CustomEvent('farm:swapped'));
    }
}

function sayConnected(isConnected) {
    const text = isConnected ? '' : 'The farm does not answer; this page may be out of date.';
    const status = document.getElementById('connection');
    if (status.textContent !== text)
        status.textContent = text;
}

/** One stream for the page. Browsers open few connections to one place; pages that nobody looks at give theirs back. */
class Events {
    constructor(parts) {
        this.parts = parts;
        document.addEventListener('visibilitychange', () => this.follow());
        addEventListener('pagehide', () => this.close());
        this.follow();
    }

    follow() {
        if (document.hidden)
            return this.close();
        if (this.source)
            return;
        this.source = new EventSource('/events');
        this.source.addEventListener('changed', event => this.parts.forEach(part => part.hear(event.data.split(' '))));
        this.source.addEventListener('error', () => this.source?.readyState === EventSource.CLOSED && this.retry());
        if (this.wasHidden)
            this.parts.forEach(part => part.soon());
    }

    close() {
        this.source?.close();
        this.source = null;
        this.wasHidden = true;
    }

    retry() {
        this.close();
        setTimeout(() => this.follow(), kLookAgain);
    }
}

function postLinks() {
    for (const link of document.querySelectorAll('a[data-post]'))
        link.addEventListener('click', async event => {
            event.preventDefault();
            const answer = await fetch(link.dataset.post, { method: 'POST', headers: ownHeaders() });
            location.assign(answer.redirected ? answer.url : link.href);
        });
}

for (const zone of document.querySelectorAll('.zone'))
    zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'local';
localise(document);
countOn();
setInterval(countOn, 1000);
postLinks();
const parts = [...document.querySelectorAll('[data-refresh]')].map(element => new LivePart(element));
if (parts.length > 0) {
    const events = new Events(parts);
    document.addEventListener('farm:changed', () => events.parts.forEach(part => part.refresh()));
}
