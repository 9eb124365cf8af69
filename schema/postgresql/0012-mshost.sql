-- Management servers that run: how often each has written down which hosts it heard.

CREATE TABLE mshost (
    run_id              varchar(32) COLLATE "C" NOT NULL PRIMARY KEY,
    writings            bigint      NOT NULL,
    last_update         timestamptz NOT NULL
);
