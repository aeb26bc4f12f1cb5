// SPDX-License-Identifier: MIT
// The log of a build: only the rows that can be seen exist, so that a million lines scroll like a hundred.

import { lineNodes, plainLine } from './log_text.js';
import { Folds, Lines } from './log_lines.js';

const kRowsAround = 20;
/** Browsers draw nothing beyond some ten million pixels; longer logs are scrolled in larger steps. */
const kMostPixels = 6000000;

const phaseTitle = line => /^==> /.test(line) ? line.slice(4) : null;

export class LogView {
    constructor(box) {
        this.box = box;
        const { address, first, total } = box.dataset;
        this.address = address;
        this.folds = new Folds(Number(first));
        this.lines = new Lines(`${address}/output`, Number(first), Number(total), () => this.update());
        this.follow = document.getElementById('follow');
        this.wanted = '';
        this.build();
        this.folds.update(this.lines.total);
        this.measure();
        this.outline();
        this.openPlace() || this.toEndIfFollowing();
        this.draw();
        if (box.dataset.live)
            this.stream();
    }

    build() {
        this.space = document.createElement('div');
        this.space.className = 'space';
        this.window = document.createElement('div');
        this.window.className = 'window';
        this.box.classList.remove('plain');
        this.box.replaceChildren(this.space, this.window);
        this.box.addEventListener('scroll', () => this.noticeScroll());
        this.box.addEventListener('click', event => this.clicked(event));
        addEventListener('resize', () => this.update());
        addEventListener('hashchange', () => this.openPlace());
        this.follow?.addEventListener('change', () => this.toEndIfFollowing());
    }

    measure() {
        const row = document.createElement('span');
        row.className = 'row';
        row.textContent = 'X';
        this.window.replaceChildren(row);
        this.rowHeight = row.getBoundingClientRect().height || 20;
    }

    // Places

    get height() {
        return this.folds.rows * this.rowHeight;
    }

    /** Rows per scrolled pixel, times the height of a row. */
    get scale() {
        const seen = this.box.clientHeight;
        return this.height <= kMostPixels ? 1 : (this.height - seen) / (kMostPixels - seen);
    }

    get topRow() {
        return this.box.scrollTop * this.scale / this.rowHeight;
    }

    scrollToRow(row) {
        this.box.scrollTop = row * this.rowHeight / this.scale;
    }

    /** False when the address names no line. */
    openPlace() {
        const match = /^#L([0-9]{1,9})$/.exec(location.hash);
        if (!match)
            return false;
        this.goTo(Number(match[1]) - 1);
        return true;
    }

    goTo(line) {
        this.here = line;
        if (this.follow)
            this.follow.checked = false;
        this.folds.show(line);
        this.update();
        this.scrollToRow(Math.max(0, this.folds.rowOf(line) - this.box.clientHeight / this.rowHeight / 3));
        this.draw();
    }

    toEndIfFollowing() {
        if (!this.follow?.checked)
            return;
        this.ownScroll = true;
        this.box.scrollTop = this.box.scrollHeight;
    }

    noticeScroll() {
        const rest = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight;
        if (this.follow && !this.ownScroll)
            this.follow.checked = rest < 40;
        this.ownScroll = false;
        this.drawSoon();
    }

    // Drawing

    update() {
        this.folds.update(this.lines.total);
        this.space.style.height = `${Math.min(this.height, kMostPixels)}px`;
        this.toEndIfFollowing();
        this.drawSoon();
    }

    drawSoon() {
        if (this.isDue)
            return;
        this.isDue = true;
        requestAnimationFrame(() => this.draw());
    }

    draw() {
        this.isDue = false;
        this.space.style.height = `${Math.min(this.height, kMostPixels)}px`;
        const top = this.topRow;
        const first = Math.max(0, Math.floor(top) - kRowsAround);
        const last = Math.min(this.folds.rows, Math.ceil(top + this.box.clientHeight / this.rowHeight) + kRowsAround);
        const rows = [];
        for (let row = first; row < last; ++row)
            rows.push(this.rowFor(this.folds.lineOf(row)));
        const { fold } = this.window.contains(document.activeElement) ? document.activeElement.dataset : {};
        this.window.replaceChildren(...rows);
        this.focusFold(fold);
        this.window.style.transform = `translateY(${this.box.scrollTop - (top - first) * this.rowHeight}px)`;
    }

    rowFor(number) {
        const row = document.createElement('span');
        row.className = 'row';
        if (this.scale === 1)   // where scrolled steps are larger, the browser's own jump to it would leap past it
            row.id = `L${number + 1}`;
        row.append(this.linkTo(number));
        const line = this.lines.get(number);
        const title = this.folds.titles.get(number);
        if (title !== undefined)
            row.append(this.foldButton(number, title));
        if (number === this.here)
            row.classList.add('here');
        if (number === this.firstError || number === this.failure)
            row.classList.add('error');
        row.append(...(line === undefined ? ['…'] : lineNodes(line, this.wanted)));
        if (this.folds.folded.has(number)) {
            const hint = document.createElement('span');
            hint.className = 'folded';
            hint.textContent = ` … ${this.folds.linesIn(number)} lines`;
            row.append(hint);
        }
        return row;
    }

    linkTo(number) {
        const link = document.createElement('a');
        link.className = 'nr';
        link.href = `#L${number + 1}`;
        link.tabIndex = -1;
        link.textContent = number + 1;
        return link;
    }

    foldButton(number, title) {
        const isFolded = this.folds.folded.has(number);
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'fold';
        button.dataset.fold = number;
        button.setAttribute('aria-expanded', String(!isFolded));
        button.setAttribute('aria-label', `${isFolded ? 'Unfold' : 'Fold'} ${title}`);
        button.textContent = isFolded ? '▸' : '▾';
        return button;
    }

    clicked(event) {
        const fold = event.target.closest('[data-fold]');
        if (!fold)
            return;
        this.folds.toggle(Number(fold.dataset.fold));
        this.update();
        this.draw();
        this.focusFold(fold.dataset.fold);
    }

    /** Rows are made anew whenever something changes: who works without a mouse stays where he was. */
    focusFold(number) {
        this.window.querySelector(`[data-fold="${number}"]`)?.focus({ preventScroll: true });
    }

    foldAll(isFolded) {
        const line = this.folds.lineOf(Math.floor(this.topRow));
        this.folds.foldAll(isFolded);
        this.update();
        this.scrollToRow(this.folds.rowOf(line));
        this.draw();
    }

    // News

    async outline() {
        if (this.box.dataset.outline === undefined)
            return;
        const answer = await fetch(`${this.address}/outline`, { cache: 'no-store' });
        if (!answer.ok)
            return;
        const outline = await answer.json();
        for (const phase of outline.phases)
            this.folds.addPhase(phase.line, phase.title);
        this.firstError = outline.first_error ?? undefined;
        this.failure = outline.failure ?? undefined;
        this.lines.total = Math.max(this.lines.total, outline.total_lines);
        document.dispatchEvent(new CustomEvent('log:outlined', { detail: outline }));
        this.update();
    }

    stream() {
        const open = () => {
            if (this.source || this.isOver || document.hidden)
                return;
            this.source = new EventSource(`${this.address}/stream?start_index=${this.lines.total}`);
            this.source.addEventListener('output', event => this.take(event));
            this.source.addEventListener('complete', () => this.end());
            this.source.addEventListener('error', () => {
                if (this.source?.readyState !== EventSource.CLOSED)
                    return;
                close();
                setTimeout(open, 10000);
            });
        };
        const close = () => {
            this.source?.close();
            this.source = null;
        };
        document.addEventListener('visibilitychange', () => document.hidden ? close() : open());
        open();
    }

    take(event) {
        const number = (Number(event.lastEventId) || this.lines.total + 1) - 1;
        this.lines.append(number, event.data);
        const title = phaseTitle(plainLine(event.data));
        if (title)
            this.folds.addPhase(number, title);
        document.getElementById('no-log')?.setAttribute('hidden', '');
        if (!this.isLate) {
            this.isLate = true;
            requestAnimationFrame(() => {
                this.isLate = false;
                this.update();
            });
        }
    }

    end() {
        this.isOver = true;
        this.source?.close();
        this.source = null;
        this.outline();
        document.dispatchEvent(new CustomEvent('farm:changed'));
    }
}

/** Finds a text in the whole log, on the farm, and leads from match to match. */
export class LogSearch {
    constructor(form, view) {
        this.form = form;
        this.view = view;
        this.matches = [];
        this.said = form.querySelector('[role=status]');
        form.hidden = false;
        form.addEventListener('submit', event => {
            event.preventDefault();
            this.submitted(event.submitter?.value === 'back' ? -1 : 1);
        });
    }

    async submitted(step) {
        const wanted = this.form.elements.q.value.trim();
        if (wanted === this.wanted)
            return this.go(step);
        this.wanted = wanted;
        this.matches = [];
        this.at = -1;
        this.view.wanted = wanted.toLowerCase();
        this.view.draw();
        if (wanted)
            await this.find(wanted);
        else
            this.said.textContent = '';
    }

    async find(wanted) {
        let next = 0;
        for (;;) {
            const query = new URLSearchParams({ q: wanted, start_index: next });
            const answer = await fetch(`${this.view.address}/search?${query}`, { cache: 'no-store' });
            if (!answer.ok || wanted !== this.wanted)
                return;
            const found = await answer.json();
            this.matches.push(...found.lines);
            next = found.next_index;
            const isFirst = this.at < 0 && this.matches.length > 0;
            if (isFirst)
                this.go(1);
            this.say();
            if (next >= found.total_lines || this.matches.length >= 10000)
                break;
        }
        this.say();
    }

    go(step) {
        if (this.matches.length === 0)
            return;
        this.at = (Math.max(this.at, step > 0 ? -1 : 0) + step + this.matches.length) % this.matches.length;
        this.view.goTo(this.matches[this.at]);
        history.replaceState(null, '', `#L${this.matches[this.at] + 1}`);
        this.say();
    }

    say() {
        this.said.textContent = this.matches.length === 0 ? 'not found' : `${this.at + 1} of ${this.matches.length}`;
    }
}
