// SPDX-License-Identifier: MIT
// The page of one build: its log.

import './forms.js';
import { LogSearch, LogView } from './log_view.js';

const box = document.getElementById('log');
if (box.dataset.address) {
    const view = new LogView(box);
    const form = document.getElementById('log-search');
    if (form)
        new LogSearch(form, view);
    for (const button of document.querySelectorAll('[data-fold-all]')) {
        button.hidden = false;
        button.addEventListener('click', () => view.foldAll(button.dataset.foldAll === 'yes'));
    }
    const follow = document.getElementById('follow-switch');
    if (follow && box.dataset.live)
        follow.hidden = false;
}
