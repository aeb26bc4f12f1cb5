// SPDX-License-Identifier: MIT

/** Headers that show a request to come from one of the farm's own pages. */
export function ownHeaders() {
    const token = document.querySelector('meta[name="csrf-token"]');
    return token ? { 'X-CSRF-Token': token.content } : {};
}
