-- What h2k state mv and rm did is history too. SQLite cannot change a check: the table is made anew.
CREATE TABLE history_anew (
  entry   INTEGER NOT NULL PRIMARY KEY,
  at      TEXT    NOT NULL,
  run_id  TEXT    NOT NULL REFERENCES runs (id),
  machine TEXT    NOT NULL,
  stage   TEXT,
  event   TEXT    NOT NULL
    CHECK (event IN ('done', 'failed', 'interrupted', 'forgotten', 'lost', 'renamed', 'removed')),
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
