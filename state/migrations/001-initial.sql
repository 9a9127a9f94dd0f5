-- What each table keeps stands in ../README.md. Only types and clauses that SQLite and PostgreSQL both read.

CREATE TABLE meta (
  only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
  lineage    TEXT    NOT NULL,
  serial     BIGINT  NOT NULL,
  last_token BIGINT  NOT NULL
);

CREATE TABLE runs (
  id          TEXT    NOT NULL PRIMARY KEY,
  token       BIGINT  NOT NULL UNIQUE,
  command     TEXT    NOT NULL,
  who         TEXT    NOT NULL,
  git_commit  TEXT,
  version     TEXT    NOT NULL,
  pid         BIGINT  NOT NULL,
  started_at  TEXT    NOT NULL,
  finished_at TEXT,
  exit_code   INTEGER,
  plan_id     TEXT
);
CREATE UNIQUE INDEX runs_plan ON runs (plan_id) WHERE plan_id IS NOT NULL;

CREATE TABLE holders (
  token         BIGINT           NOT NULL PRIMARY KEY REFERENCES runs (token),
  host          TEXT             NOT NULL,
  boot_id       TEXT             NOT NULL,
  pid_namespace TEXT             NOT NULL,
  start_ticks   BIGINT           NOT NULL,
  lease_uptime  DOUBLE PRECISION NOT NULL,
  lease_wall    DOUBLE PRECISION NOT NULL
);

CREATE TABLE locks (
  machine TEXT   NOT NULL PRIMARY KEY,
  token   BIGINT NOT NULL REFERENCES holders (token) ON DELETE CASCADE
);
CREATE INDEX locks_token ON locks (token);

CREATE TABLE machines (
  name         TEXT   NOT NULL PRIMARY KEY,
  file         TEXT   NOT NULL,
  serial       BIGINT NOT NULL,
  forgotten_at TEXT
);

-- Input stands last: a reader of the other columns then need not fetch it.
CREATE TABLE stages (
  machine     TEXT             NOT NULL REFERENCES machines (name),
  stage       TEXT             NOT NULL,
  status      TEXT             NOT NULL CHECK (status IN ('started', 'done', 'failed', 'interrupted')),
  attempt     INTEGER          NOT NULL,
  fingerprint TEXT             NOT NULL,
  bytes       BIGINT           NOT NULL,
  bytes_done  BIGINT           NOT NULL,
  seconds     DOUBLE PRECISION NOT NULL,
  started_at  TEXT             NOT NULL,
  finished_at TEXT,
  run_id      TEXT             NOT NULL REFERENCES runs (id),
  message     TEXT,
  tools       TEXT             NOT NULL,
  output      TEXT,
  input       TEXT             NOT NULL,
  PRIMARY KEY (machine, stage),
  CHECK ((status = 'done') = (output IS NOT NULL))
);

CREATE TABLE artifacts (
  path        TEXT NOT NULL PRIMARY KEY,
  machine     TEXT NOT NULL,
  stage       TEXT NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('intended', 'made')),
  fingerprint TEXT NOT NULL,
  evidence    TEXT
);
CREATE INDEX artifacts_machine ON artifacts (machine);

CREATE TABLE history (
  entry   INTEGER NOT NULL PRIMARY KEY,
  at      TEXT    NOT NULL,
  run_id  TEXT    NOT NULL REFERENCES runs (id),
  machine TEXT    NOT NULL,
  stage   TEXT,
  event   TEXT    NOT NULL CHECK (event IN ('done', 'failed', 'interrupted', 'forgotten', 'lost')),
  attempt INTEGER,
  bytes   BIGINT,
  seconds DOUBLE PRECISION,
  message TEXT
);
CREATE INDEX history_machine ON history (machine, entry);
CREATE INDEX history_measured ON history (stage, entry) WHERE event = 'done' AND bytes > 0;
