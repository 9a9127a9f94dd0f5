-- What becomes of what h2k made when the machine is no longer in git.
ALTER TABLE machines ADD COLUMN on_remove TEXT NOT NULL DEFAULT 'forget' CHECK (on_remove IN ('forget', 'destroy'));
