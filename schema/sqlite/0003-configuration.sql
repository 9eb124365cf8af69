-- Values about the whole system, each under its name.

CREATE TABLE configuration (
    name                TEXT    NOT NULL PRIMARY KEY,
    value               TEXT    NOT NULL
) WITHOUT ROWID;
