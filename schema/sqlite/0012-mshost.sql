-- Management servers that run: how often each has written down which hosts it heard.

CREATE TABLE mshost (
    run_id              TEXT    NOT NULL COLLATE BINARY PRIMARY KEY,
    writings            INTEGER NOT NULL,
    last_update         TEXT    NOT NULL
);
