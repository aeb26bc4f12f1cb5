-- SPDX-License-Identifier: MIT
-- When a file in the cache of an existing farm became one of this farm's own.

ALTER TABLE cached_artifacts ADD COLUMN adopted_at REAL;
