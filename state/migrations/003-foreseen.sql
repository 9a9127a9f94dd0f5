-- As JSON, for reports: what the plan foresaw of a run, and how machines ended of which the history tells nothing.
ALTER TABLE runs ADD COLUMN foreseen TEXT;
ALTER TABLE runs ADD COLUMN settled TEXT;
