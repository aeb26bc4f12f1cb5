// SPDX-License-Identifier: MIT
// What all pages share: times in the reader's zone, durations that count on, the changing part fetched again.

import { ownHeaders } from './own_request.js';

const kRefresh = 5000;
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

function localise(root) {
    for (const element of root.querySelectorAll('time[datetime]')) {
        const time = new Date(element.dateTime);
        if (Number.isNaN(time.getTime()))
            continue;
        element.title = element.textContent;
        element.textContent = localText(time);
    }
}

function countOn() {
    const now = Math.floor(Date.now() / 1000);
    for (const element of document.querySelectorAll('[data-since]')) {
        const text = durationText(Math.max(0, now - Number(element.dataset.since)));
        if (element.textContent !== text)
            element.textContent = text;
    }
}

/** Where the focus was, as something that can be found in the new content. */
function focusPlace(live) {
    const focused = document.activeElement;
    if (!focused || !live.contains(focused))
        return null;
    if (focused.id)
        return `#${CSS.escape(focused.id)}`;
    const address = focused.getAttribute('href');
    return address ? `a[href="${CSS.escape(address)}"]` : focused.tagName.toLowerCase();
}

function isInUse(live) {
    const selection = document.getSelection();
    return live.querySelector('dialog[open]')
        || (selection && !selection.isCollapsed && live.contains(selection.anchorNode));
}

function swap(live, html) {
    const parsed = new DOMParser().parseFromString(html, 'text/html');
    const fresh = parsed.getElementById('live') ?? parsed.body;
    localise(fresh);
    const place = focusPlace(live);
    const opened = live.querySelector('details[open]') !== null;
    live.replaceChildren(...fresh.childNodes);
    const details = live.querySelector('details');
    if (details)
        details.open = opened;
    if (place)
        live.querySelector(place)?.focus({ preventScroll: true });
    countOn();
    document.dispatchEvent(new CustomEvent('farm:swapped'));
}

function refresher(live) {
    const status = document.getElementById('connection');
    let pause = kRefresh;
    let timer = 0;

    async function refresh() {
        clearTimeout(timer);
        if (!document.hidden && !isInUse(live)) {
            try {
                const answer = await fetch(live.dataset.refresh, { cache: 'no-store' });
                if (!answer.ok)
                    throw new Error(String(answer.status));
                swap(live, await answer.text());
                pause = kRefresh;
                status.textContent = '';
            } catch {
                pause = Math.min(pause * 2, kSlowest);
                status.textContent = 'The farm does not answer; this page may be out of date.';
            }
        }
        schedule();
    }

    function schedule() {
        clearTimeout(timer);
        const build = live.querySelector('[data-title]');
        if (build)
            document.title = `${build.dataset.title} · apb-farm`;
        // A build that has ended changes no more.
        if (!build || build.dataset.live)
            timer = setTimeout(refresh, pause);
    }

    document.addEventListener('farm:changed', refresh);
    document.addEventListener('visibilitychange', () => document.hidden || refresh());
    schedule();
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
const live = document.querySelector('#live[data-refresh]');
if (live)
    refresher(live);
