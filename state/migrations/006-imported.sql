-- Machines that were there before the state knew them: a domain keeps the UUID that it had, and the history says how it came.
ALTER TABLE machines ADD COLUMN domain_uuid TEXT;
CREATE TABLE history_anew (
  entry   INTEGER NOT NULL PRIMARY KEY,
  at      TEXT    NOT NULL,
  run_id  TEXT    NOT NULL REFERENCES runs (id),
  machine TEXT    NOT NULL,
  stage   TEXT,
  event   TEXT    NOT NULL
    CHECK (event IN ('done', 'failed', 'interrupted', 'forgotten', 'lost', 'renamed', 'removed', 'imported')),
  attempt INTEGER,
  bytes   BIGINT,
  seconds DOUBLE PRECISION,
  message TEXT
);
INSERT INTO history_anew (entry, at, run_id, machine, stage, event, attempt, bytes, seconds, message)
  SELECT entry, at, run_id, machine, stage, event, attempt, bytes, seconds, message FROM history;
DROP TABLE history;
ALTER TABLE history_anew RENAME TO history;
CREATE INDEX history_machine ON history (machine, entry);
CREATE INDEX history_measured ON history (stage, entry) WHERE event = 'done' AND bytes > 0;
