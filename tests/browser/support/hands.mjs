// SPDX-License-Identifier: MIT
// How a person does something: with the mouse, or with nothing but the keyboard. Both find things by what they see or
// hear, given as locators.

import assert from 'node:assert/strict';

const kMostTabs = 400;

export class Mouse {
    constructor(page) {
        this.page = page;
    }

    press(target) {
        return target.click();
    }

    async write(target, text) {
        await target.click({ clickCount: 3 });
        await this.page.keyboard.press('Control+a');
        await this.page.keyboard.insertText(text);
    }

    choose(target, label) {
        return target.selectOption({ label });
    }

    toggle(target) {
        return target.click();
    }
}

export class Keyboard {
    constructor(page) {
        this.page = page;
    }

    /** Tab by tab; whoever gets there sees that they are there. */
    async reach(target) {
        const isThere = () => target.evaluate(element => element === document.activeElement);
        for (let tabs = 0; !await isThere(); ++tabs) {
            assert.ok(tabs < kMostTabs, `${target} cannot be reached with the tab key`);
            await this.page.keyboard.press('Tab');
        }
        assert.ok(await target.evaluate(element => {
            const style = getComputedStyle(element);
            return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
        }), `nobody sees that ${target} has the focus`);
    }

    async press(target) {
        await this.reach(target);
        await this.page.keyboard.press('Enter');
    }

    async write(target, text) {
        await this.reach(target);
        await this.page.keyboard.press('Control+a');
        await this.page.keyboard.press('Delete');
        await this.page.keyboard.insertText(text);
    }

    /** By the first letters of its label, as everybody does who knows the list. */
    async choose(target, label) {
        await this.reach(target);
        await this.page.keyboard.type(label);
        const chosen = await target.evaluate(element => element.selectedOptions[0]?.label);
        assert.equal(chosen, label);
    }

    async toggle(target) {
        await this.reach(target);
        await this.page.keyboard.press('Space');
    }
}
