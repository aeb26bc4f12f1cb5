// SPDX-License-Identifier: MIT
// The lines of a log, fetched in pieces as they are looked at, and which of them are folded away.

const kPiece = 500;
const kPiecesKept = 200;

/** Lines by number; what is not there yet is fetched, and `changed` is called when it came. */
export class Lines {
    constructor(address, first, total, changed) {
        this.address = address;
        this.first = first;
        this.total = total;
        this.changed = changed;
        this.pieces = new Map();
        this.asked = new Set();
    }

    get(number) {
        const index = Math.floor(number / kPiece);
        const piece = this.pieces.get(index);
        const line = piece?.[number - index * kPiece];
        if (line === undefined)
            this.ask(index);
        return line;
    }

    async ask(index) {
        if (this.asked.has(index))
            return;
        this.asked.add(index);
        try {
            const answer = await fetch(`${this.address}?start_index=${index * kPiece}&limit=${kPiece}`, { cache: 'no-store' });
            const page = await answer.json();
            this.keep(index, page.output);
            this.total = Math.max(this.total, page.total_lines);
            this.changed();
        } catch {
            await new Promise(done => setTimeout(done, 2000));
        } finally {
            this.asked.delete(index);
        }
    }

    keep(index, lines) {
        this.pieces.delete(index);
        this.pieces.set(index, lines);
        if (this.pieces.size > kPiecesKept)
            this.pieces.delete(this.pieces.keys().next().value);
    }

    /** Line `number` has come by the stream. */
    append(number, line) {
        const index = Math.floor(number / kPiece);
        const piece = this.pieces.get(index) ?? (number % kPiece === 0 ? [] : null);
        if (piece && piece.length === number - index * kPiece) {
            piece.push(line);
            this.pieces.set(index, piece);
        }
        this.total = Math.max(this.total, number + 1);
    }
}

/** Rows of the view to lines of the log: the lines of a folded phase have no row, but the one that announces it. */
export class Folds {
    constructor(first) {
        this.first = first;
        this.phases = [];      // lines that announce one, rising
        this.titles = new Map();
        this.folded = new Set();
        this.parts = [];
        this.update(first);
    }

    addPhase(line, title) {
        if (line < this.first || this.titles.has(line))
            return;
        this.titles.set(line, title);
        this.phases.push(line);
        if (this.phases.length > 1 && this.phases.at(-2) > line)
            this.phases.sort((a, b) => a - b);
    }

    update(total) {
        this.total = total;
        this.parts = [];
        let row = 0;
        const add = (from, to, isFolded) => {
            if (to <= from)
                return;
            this.parts.push({ row, from, rows: isFolded ? 1 : to - from });
            row += isFolded ? 1 : to - from;
        };
        let from = this.first;
        for (const phase of this.phases) {
            add(from, phase, this.folded.has(from));
            from = phase;
        }
        add(from, total, this.folded.has(from));
        this.rows = row;
    }

    partAt(isBefore) {
        let low = 0, high = this.parts.length - 1;
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (isBefore(this.parts[middle]))
                low = middle;
            else
                high = middle - 1;
        }
        return this.parts[low];
    }

    lineOf(row) {
        const part = this.partAt(candidate => candidate.row <= row);
        return part ? part.from + Math.min(row - part.row, part.rows - 1) : this.first;
    }

    rowOf(line) {
        const part = this.partAt(candidate => candidate.from <= line);
        return part ? part.row + Math.min(line - part.from, part.rows - 1) : 0;
    }

    /** The phase that a line belongs to; undefined before the first one. */
    phaseOf(line) {
        return this.phases.findLast(phase => phase <= line);
    }

    linesIn(phase) {
        const next = this.phases.find(other => other > phase) ?? this.total;
        return next - phase - 1;
    }

    toggle(phase) {
        if (!this.folded.delete(phase))
            this.folded.add(phase);
        this.update(this.total);
    }

    foldAll(isFolded) {
        this.folded = new Set(isFolded ? this.phases : []);
        this.update(this.total);
    }

    show(line) {
        const phase = this.phaseOf(line);
        if (phase !== undefined && phase !== line && this.folded.delete(phase))
            this.update(this.total);
    }
}
