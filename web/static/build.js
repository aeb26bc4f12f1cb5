// SPDX-License-Identifier: MIT
// The page of one build: its log as it grows, and the button that cancels it.

import { ownHeaders } from './own_request.js';

const kMostLines = 10000;

/** What a terminal would show of a line, without colours and movement. */
export function plainLine(line) {
    // eslint-disable-next-line no-control-regex
    const visible = line.replace(/\x1b(?:\[[^@-~]*[@-~]?|[\]PX^_].*?(?:\x07|\x1b\\|$)|[ -/]?.|$)/g, '').replace(/\r+$/, '');
    const shown = visible.slice(visible.lastIndexOf('\r') + 1);
    // eslint-disable-next-line no-control-regex
    return shown.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
        c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function changed() {
    document.dispatchEvent(new CustomEvent('farm:changed'));
}

class LogView {
    constructor(element) {
        this.element = element;
        this.follow = document.getElementById('follow');
        this.waiting = [];
        this.lines = 0;
        this.next = Number(element.dataset.next);
        document.getElementById('follow-switch').hidden = false;
        element.addEventListener('scroll', () => this.noticeScroll());
        document.addEventListener('visibilitychange', () => (document.hidden ? this.close() : this.open()));
        this.toEnd();
        this.open();
    }

    // Browsers open few connections to one place; pages that nobody looks at give theirs back.
    open() {
        if (this.source || this.ended || document.hidden)
            return;
        this.source = new EventSource(`${this.element.dataset.stream}?start_index=${this.next}`);
        this.source.addEventListener('output', event => this.take(event));
        this.source.addEventListener('status', changed);
        this.source.addEventListener('complete', () => this.end());
        this.source.addEventListener('error', () => this.source?.readyState === EventSource.CLOSED && this.retry());
    }

    close() {
        this.source?.close();
        this.source = null;
    }

    retry() {
        this.close();
        setTimeout(() => this.open(), 10000);
    }

    end() {
        this.ended = true;
        this.close();
        changed();
    }

    take(event) {
        this.next = Number(event.lastEventId) || this.next + 1;
        this.waiting.push(plainLine(event.data));
        if (this.waiting.length === 1)
            requestAnimationFrame(() => this.show());
    }

    show() {
        const hint = document.getElementById('no-log');
        if (hint)
            hint.hidden = true;
        const piece = document.createTextNode(this.waiting.join('\n') + '\n');
        piece.lines = this.waiting.length;
        this.lines += piece.lines;
        this.waiting = [];
        this.element.append(piece);
        while (this.lines > kMostLines && this.element.childNodes.length > 1) {
            this.lines -= this.element.firstChild.lines ?? 0;
            this.element.firstChild.remove();
        }
        if (this.follow.checked)
            this.toEnd();
    }

    toEnd() {
        this.element.scrollTop = this.element.scrollHeight;
    }

    noticeScroll() {
        const rest = this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight;
        this.follow.checked = rest < 40;
    }
}

function tell(text) {
    const told = document.getElementById('told');
    told.textContent = text;
    told.hidden = false;
}

async function cancel(address) {
    try {
        const answer = await fetch(address, { method: 'POST', headers: ownHeaders() });
        const body = await answer.json();
        tell(answer.ok ? body.message : String(body.detail ?? body.error));
    } catch {
        tell('The farm does not answer. Nothing was cancelled.');
    }
    changed();
}

function showButtons() {
    for (const button of document.querySelectorAll('[data-opens]'))
        button.hidden = false;
}

document.addEventListener('click', event => {
    const opens = event.target.closest('[data-opens]');
    if (opens)
        document.getElementById(opens.dataset.opens).showModal();
    const cancels = event.target.closest('[data-cancels]');
    if (cancels)
        // After the dialog has closed: while it is open the page is not refreshed.
        setTimeout(cancel, 0, cancels.dataset.cancels);
});
document.addEventListener('farm:swapped', showButtons);
showButtons();

const log = document.getElementById('log');
if (log.dataset.stream)
    new LogView(log);
else
    log.scrollTop = log.scrollHeight;   // why a build failed is said at the end
