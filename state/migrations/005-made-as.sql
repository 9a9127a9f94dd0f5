-- By which name a machine's things in the world were made, where it was renamed since.
ALTER TABLE machines ADD COLUMN made_as TEXT;
