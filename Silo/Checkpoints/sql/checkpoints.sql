-- Checkpoints of runs. Everything here may be run again: what is there stays as it is.

CREATE TABLE IF NOT EXISTS fl_checkpoint_run
(
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cluster text NOT NULL,
    run text NOT NULL,
    claim bigint NOT NULL,           -- the latest; a process with an older one is refused
    lines bigint NOT NULL DEFAULT 0, -- number of the journal's last line
    last_append uuid,                -- distinguishes an append that is tried again from a new one
    error text,                      -- why lines were let go of by the latest claim
    UNIQUE (cluster, run)
);

CREATE TABLE IF NOT EXISTS fl_checkpoint_line
(
    run bigint NOT NULL REFERENCES fl_checkpoint_run (id) ON DELETE CASCADE,
    number bigint NOT NULL, -- from 1
    frame bytea NOT NULL,   -- checksum, blank, line
    PRIMARY KEY (run, number)
);

CREATE TABLE IF NOT EXISTS fl_checkpoint_commit
(
    run bigint NOT NULL REFERENCES fl_checkpoint_run (id) ON DELETE CASCADE,
    round integer NOT NULL,
    manifest bytea NOT NULL,
    PRIMARY KEY (run, round)
);

-- A blob's row is written last, in the transaction that writes its parts: a blob that has one is whole.
CREATE TABLE IF NOT EXISTS fl_checkpoint_blob
(
    run bigint NOT NULL REFERENCES fl_checkpoint_run (id) ON DELETE CASCADE,
    sha256 text NOT NULL,
    upload uuid NOT NULL,
    PRIMARY KEY (run, sha256)
);

CREATE TABLE IF NOT EXISTS fl_checkpoint_part
(
    upload uuid NOT NULL,
    number integer NOT NULL, -- from 0
    bytes bytea NOT NULL,    -- 1 MiB, the last one less
    PRIMARY KEY (upload, number)
);

-- Weights do not compress: to try would only cost time.
ALTER TABLE fl_checkpoint_part ALTER COLUMN bytes SET STORAGE EXTERNAL;
