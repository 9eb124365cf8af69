-- Values about the whole system, each under its name.

CREATE TABLE configuration (
    name                text        COLLATE "C" NOT NULL PRIMARY KEY,
    value               text        COLLATE "C" NOT NULL
);
